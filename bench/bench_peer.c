/** Stone Soup on the same table, where it is installed: bench/peers/stonesoup_score.py. */
#include "bench_peer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char SCRIPT[] = "bench/peers/stonesoup_score.py";

static sv_status write_table(const char *path, const char *id_name, const bench_peer_row *row, size_t n) {
    FILE *file = fopen(path, "w");
    if (!file)
        return sv_fail(SV_ERR_IO, "%s: cannot be written", path);
    fprintf(file, "t_s,%s,x_m,y_m,z_m\n", id_name);
    for (size_t i = 0; i < n; i++)
        fprintf(file, "%d,%" PRId32 ",%.6f,%.6f,%.6f\n", row[i].scan, row[i].id, row[i].p.x, row[i].p.y, row[i].p.z);
    return fclose(file) == 0 ? SV_OK : sv_fail(SV_ERR_IO, "%s: cannot be written", path);
}

/* First line of what the script prints; "" when it cannot be started. */
static void ask_script(char line[BENCH_NOTE_CAP], const char *truth, const char *tracks) {
    char command[512];
    snprintf(command, sizeof command, "python3 %s %s %s 2>/dev/null", SCRIPT, truth, tracks);
    FILE *pipe = popen(command, "r");
    line[0] = '\0';
    if (!pipe)
        return;
    if (!fgets(line, BENCH_NOTE_CAP, pipe))
        line[0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    pclose(pipe);
}

sv_status bench_peer_stonesoup(bench_result *out, const bench_peer_row *truth, size_t n_truth,
                               const bench_peer_row *track, size_t n_tracks) {
    char folder[] = "/tmp/skyvox-bench-XXXXXX", truth_path[64], tracks_path[64];
    if (!mkdtemp(folder))
        return sv_fail(SV_ERR_IO, "%s: cannot be made", folder);
    snprintf(truth_path, sizeof truth_path, "%s/truth.csv", folder);
    snprintf(tracks_path, sizeof tracks_path, "%s/tracks.csv", folder);
    sv_status status = write_table(truth_path, "target_id", truth, n_truth);
    if (status == SV_OK)
        status = write_table(tracks_path, "track_id", track, n_tracks);

    char line[BENCH_NOTE_CAP], version[32];
    double ms;
    if (status == SV_OK)
        ask_script(line, truth_path, tracks_path);
    unlink(truth_path);
    unlink(tracks_path);
    rmdir(folder);
    if (status != SV_OK)
        return status;
    if (sscanf(line, "stonesoup %31s %lf", version, &ms) == 2 && ms > 0) {
        bench_add_row(out, "Stone Soup, OSPA + GOSPA + CLEAR", "ms per scan", &ms, 1);
        bench_add_ratio(out, "stonesoup_ms_per_scan_200_1t", ms);
        return SV_OK;
    }
    char note[BENCH_NOTE_CAP];
    snprintf(note, sizeof note, "Stone Soup: %.100s", line[0] ? line : "not installed: its script did not run");
    bench_add_note(out, note);
    return SV_OK;
}
