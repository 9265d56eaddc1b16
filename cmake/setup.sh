# Sourced by run.sh and test.sh, which set `root`: installs Debian packages, configures and builds.

# setup_packages FILE...: install what the lists name; nothing happens when all is there.
setup_packages() {
    command -v dpkg-query >/dev/null 2>&1 || {
        echo "This is not Debian: make sure that the equivalents of these are installed:" $(sed 's/#.*//' "$@") >&2
        return 0
    }
    missing=
    for package in $(sed 's/#.*//' "$@"); do
        case $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) in
        *" ok installed") ;;
        *) missing="$missing $package" ;;
        esac
    done
    [ -n "$missing" ] || return 0

    install="apt-get install -y --no-install-recommends$missing"
    sudo=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 || setup_give_up "$install"
        sudo=sudo
    fi
    echo "Installing:$missing" >&2
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2 || echo "apt-get update failed; trying without" >&2
    $sudo env DEBIAN_FRONTEND=noninteractive $install -q >&2 || setup_give_up "$install"
}

setup_give_up() {
    echo "These packages are missing. As root, run:" >&2
    echo "    apt-get update && $1" >&2
    exit 2
}

# setup_build PRESET [CONFIGURE-OPTION...]: configure and build into build/PRESET; the log appears only when it fails.
setup_build() {
    preset=$1
    shift
    folder=$root/build/$preset
    mkdir -p "$folder"
    # A tree that was moved or copied after it was built starts again.
    grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt" || rm -rf "$folder/CMakeCache.txt" "$folder/CMakeFiles"
    if ! (cd "$root" && cmake --preset "$preset" "$@" && cmake --build "$folder") >"$folder/setup.log" 2>&1; then
        cat "$folder/setup.log" >&2
        echo "The build failed (see above; $folder/setup.log)." >&2
        return 3
    fi
}
