# Completion of bash for skyvox: the words come from the program's own tables.
_skyvox() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} program=${COMP_WORDS[0]}
    COMPREPLY=()
    if ((COMP_CWORD == 1)) || { ((COMP_CWORD == 2)) && [[ $before == help ]]; }; then
        mapfile -t COMPREPLY < <(compgen -W "$("$program" __complete 2>/dev/null)" -- "$word")
        return
    fi
    case $before in
    --backend) mapfile -t COMPREPLY < <(compgen -W "auto scalar" -- "$word") ;;
    --detections) mapfile -t COMPREPLY < <(compgen -W "all none" -- "$word") ;;
    --format) mapfile -t COMPREPLY < <(compgen -W "png raw" -- "$word") ;;
    *)
        if [[ $word == -* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "$("$program" __complete "${COMP_WORDS[1]}" 2>/dev/null)" -- "$word")
        fi
        ;;
    esac
}
complete -o bashdefault -o default -F _skyvox skyvox
