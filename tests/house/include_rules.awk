# Reads C files of the tree, prints every #include that its folder may not have, exits 1 if there is one.

BEGIN {
    # The whole C library a core module may use: nothing that does I/O, reads a clock or depends on the locale.
    libc = "^(assert|errno|fenv|float|inttypes|limits|math|pthread|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|" \
           "stdlib|string|immintrin|xmmintrin)\\.h$"
}

FNR == 1 {
    split(FILENAME, part, "/")
    folder = part[1]
    module = part[2]
    own = FILENAME
    sub(/[^\/]*$/, "", own)
    n_files++
}

/^[ \t]*#[ \t]*include/ {
    if (!match($0, /[<"][^>"]*[>"]/))
        next
    path = substr($0, RSTART + 1, RLENGTH - 2)
    if (substr($0, RSTART, 1) == "\"")
        path = own path
    if (!allowed(path)) {
        printf "%s:%d: %s/ must not include %s\n", FILENAME, FNR, folder == "core" ? "core/" module : folder, path
        n_bad++
    }
}

END {
    if (n_files == 0) {
        print "no file to check"
        exit 1
    }
    printf "%d files, %d forbidden includes\n", n_files, n_bad
    exit n_bad > 0
}

function is_project(path) {
    return path ~ /^(skyvox|core|kernels|formats|sim|replay|live|net|viewer|cli|tests|bench)\//
}

function allowed(path) {
    if (path ~ /\.\.\//)
        return 0
    if (path ~ /^(core\/include\/)?skyvox\//)
        return allowed_public(path)
    if (is_project(path))
        return allowed_inner(path)
    return allowed_foreign(path)
}

# Ground truth is for sources and scorers: no stage of the core sees it, not even through another header.
function allowed_public(path) {
    sub(/^core\/include\//, "", path)
    if (path ~ /^skyvox\/(truth|score|score2d)\.h$/ && folder == "core")
        return module == "score" || FILENAME == "core/include/skyvox/score.h" || FILENAME == "core/include/skyvox/truth.h"
    if (folder == "kernels")
        return path ~ /^skyvox\/(base|types|backend|background|centroid_ops|cluster_ops|detect_ops|render_ops|warp_ops|math|rng)\.h$/
    return 1
}

function allowed_inner(path) {
    if (folder == "core") {
        if (module == "include")
            return 0
        if (module == "pipeline")
            return path ~ /^core\// && path !~ /^core\/score\//
        return path ~ "^core/(base|" module ")/"
    }
    if (folder == "cli")
        return path ~ /^(cli|formats|sim|replay|live|net|viewer)\// || path == "kernels/kernels.h"
    if (folder == "bench")
        return path ~ /^(bench|formats|sim|replay|live|net|viewer)\// || path == "kernels/kernels.h" || path == "core/detect/detect.h"
    if (folder == "viewer")
        return path ~ /^(viewer|formats|replay)\//
    if (folder ~ /^(sim|replay|live|net)$/)
        return path ~ "^(" folder "|formats)/"
    return path ~ "^" folder "/"
}

function allowed_foreign(path) {
    if (path == "coin/Clp_C_Interface.h")
        return folder == "core" && module == "score"
    if (FILENAME == "core/base/pages.c" && path == "sys/mman.h")
        return 1
    if (folder == "core" || folder == "kernels")
        return path ~ libc && !(folder == "kernels" && path == "pthread.h")
    if (path ~ /cJSON/)
        return folder == "formats"
    if (path ~ /^(SDL2?|GL|OpenGL)\// || path ~ /^SDL/)
        return folder == "viewer"
    if (path ~ /^(hdf5|lz4|libav|libsw)/)
        return folder == "replay"
    return path !~ /^(opencv|openvdb|octomap|cuda)/
}
