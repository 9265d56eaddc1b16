/* What a recording says about itself: its configuration as JSON, its number, its file names. */
#include <formats/json_write.h>
#include <replay/checksum64.h>
#include <replay/recorder_config.h>

#include <stdlib.h>
#include <string.h>

bool sv_session_segment_path(char out[SV_SESSION_PATH_CAP], const char *path, int32_t segment) {
    size_t n = strlen(path);
    size_t n_stem = n > 3 && strcmp(path + n - 3, ".h5") == 0 ? n - 3 : n;
    int n_out = segment == 0
                    ? snprintf(out, SV_SESSION_PATH_CAP, "%s", path)
                    : snprintf(out, SV_SESSION_PATH_CAP, "%.*s.%d%s", (int)n_stem, path, (int)segment, path + n_stem);
    return n_out > 0 && n_out < SV_SESSION_PATH_CAP;
}

/* The columns of one row, for people. */
static void write_json_row(sv_json_out *json, const char *key, int32_t table, int32_t n_cameras, const void *row) {
    sv_table_layout layout = sv_table_layout_of(table, n_cameras);
    sv_json_out_open(json, key, '{', false);
    for (int32_t i = 0; i < layout.n_columns; i++) {
        const sv_column *column = &layout.column[i];
        const uint8_t *from = (const uint8_t *)row + column->offset;
        bool several = column->count > 1 && column->type != SV_COLUMN_TEXT;
        if (several) {
            sv_json_out_open(json, column->name, '[', true);
        }
        for (int32_t k = 0; k < (several ? column->count : 1); k++) {
            const char *name = several ? NULL : column->name;
            if (column->type == SV_COLUMN_TEXT) {
                sv_json_out_text(json, name, (const char *)from);
            } else if (column->type == SV_COLUMN_F64) {
                sv_json_out_number(json, name, ((const double *)(const void *)from)[k]);
            } else if (column->type == SV_COLUMN_I32) {
                sv_json_out_int(json, name, ((const int32_t *)(const void *)from)[k]);
            } else {
                sv_json_out_int(json, name, ((const int64_t *)(const void *)from)[k]);
            }
        }
        if (several) {
            sv_json_out_close(json, ']');
        }
    }
    sv_json_out_close(json, '}');
}

char *sv_recorder_make_json(const sv_recorder_options *options) {
    char *text = NULL;
    size_t n = 0;
    FILE *memory = open_memstream(&text, &n);
    if (memory == NULL) {
        return NULL;
    }
    const sv_config *config = options->config;
    sv_json_out json = {.file = memory};
    sv_json_out_open(&json, NULL, '{', false);
    write_json_row(&json, "session", SV_TABLE_META, config->n_cameras, &options->meta);
    write_json_row(&json, "config", SV_TABLE_CONFIG, config->n_cameras, config);
    sv_json_out_open(&json, "cameras", '[', false);
    for (int32_t i = 0; i < config->n_cameras; i++) {
        write_json_row(&json, NULL, SV_TABLE_CAMERAS, config->n_cameras, &config->camera[i]);
    }
    sv_json_out_close(&json, ']');
    sv_json_out_close(&json, '}');
    if (fclose(memory) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

uint64_t sv_recorder_session_id(const sv_recorder_options *options) {
    sv_session_meta meta = options->meta;
    meta.segment = 0;
    uint8_t packed[1024];
    sv_table_layout layout = sv_table_layout_of(SV_TABLE_META, options->config->n_cameras);
    sv_row_pack(packed, &layout, &meta, SV_TABLE_META, 0);
    return sv_checksum64(packed, layout.row_size, (uint64_t)options->config->n_cameras);
}
