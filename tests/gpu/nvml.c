/* An NVIDIA management library that plays a scene: what a test wrote into the file next to it.
 *
 * Only the calls that rushes makes, by the public interface of nvml.h (names, argument order, struct layouts and
 * return codes as in the crate nvml-wrapper-sys). The scene is read anew at every call, so that a card can be lost
 * while it is watched. A line is `CARD KEY VALUE`; CARD is `lib`, `0`, `1`, or `0.1` for a MIG device. KEY `fails`
 * with a return code makes every question fail, `CALL.fails` one question. A question without a value is not
 * supported. `lib hangs 1` makes every call hang.
 *
 * SCENE, the path of the file, is given by the compiler's command line. -DOLD leaves out what old drivers lack.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OK 0
#define NOT_SUPPORTED 3
#define NOT_FOUND 6
#define INSUFFICIENT_SIZE 7

static char names[64][16];

/* Finds a value; 0 when the scene does not say. */
static int find(const char *card, const char *key, char *value, size_t room) {
    char line[512], a[64], b[64], rest[384];
    int found = 0;
    FILE *scene = fopen(SCENE, "r");
    if (!scene) return 0;
    while (!found && fgets(line, sizeof line, scene)) {
        if (sscanf(line, "%63s %63s %383[^\n]", a, b, rest) == 3 && !strcmp(a, card) && !strcmp(b, key)) {
            snprintf(value, room, "%s", rest);
            found = 1;
        }
    }
    fclose(scene);
    return found;
}

/* Hangs as long as the scene says so, and leaves a mark beside it. */
static void hang(void) {
    char value[384];
    while (find("lib", "hangs", value, sizeof value)) {
        FILE *mark = fopen(SCENE ".hangs", "w");
        if (mark) fclose(mark);
        usleep(2000);
    }
}

static int fails(const char *card, const char *call) {
    char value[384], key[64];
    hang();
    if (find(card, "fails", value, sizeof value)) return atoi(value);
    snprintf(key, sizeof key, "%s.fails", call);
    if (find(card, key, value, sizeof value)) return atoi(value);
    return OK;
}

static int number(const char *card, const char *key, unsigned long long *out) {
    char value[384];
    int code = fails(card, key);
    if (code) return code;
    if (!find(card, key, value, sizeof value)) return NOT_SUPPORTED;
    *out = strtoull(value, NULL, 10);
    return OK;
}

static int small(const char *card, const char *key, unsigned *out) {
    unsigned long long wide;
    int code = number(card, key, &wide);
    if (!code) *out = (unsigned)wide;
    return code;
}

static int text(const char *card, const char *key, char *out, unsigned room) {
    char value[384];
    int code = fails(card, key);
    if (code) return code;
    if (!find(card, key, value, sizeof value)) return NOT_SUPPORTED;
    snprintf(out, room, "%s", value);
    return OK;
}

static void *handle(const char *card) {
    for (int n = 0; n < 64; n++) {
        if (!names[n][0]) snprintf(names[n], sizeof names[n], "%s", card);
        if (!strcmp(names[n], card)) return names[n];
    }
    return NULL;
}

int nvmlInit_v2(void) { return fails("lib", "init"); }
int nvmlShutdown(void) { return OK; }
int nvmlSystemGetDriverVersion(char *out, unsigned room) {
    snprintf(out, room, "570.00.01");
    return OK;
}
int nvmlSystemGetProcessName(unsigned pid, char *out, unsigned room) {
    char key[32];
    snprintf(key, sizeof key, "program.%u", pid);
    return text("lib", key, out, room);
}
int nvmlDeviceGetCount_v2(unsigned *out) { return small("lib", "count", out); }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **out) {
    char card[16];
    snprintf(card, sizeof card, "%u", index);
    *out = handle(card);
    return fails(card, "handle");
}
int nvmlDeviceGetName(void *card, char *out, unsigned room) { return text(card, "name", out, room); }
int nvmlDeviceGetUUID(void *card, char *out, unsigned room) { return text(card, "uuid", out, room); }
int nvmlDeviceGetUtilizationRates(void *card, unsigned *out) {
    out[1] = 0;
    return small(card, "load", &out[0]);
}
int nvmlDeviceGetTemperature(void *card, int sensor, unsigned *out) {
    (void)sensor;
    return small(card, "temperature", out);
}
int nvmlDeviceGetPowerUsage(void *card, unsigned *out) { return small(card, "power", out); }
int nvmlDeviceGetEnforcedPowerLimit(void *card, unsigned *out) { return small(card, "limit", out); }
int nvmlDeviceGetPowerManagementLimit(void *card, unsigned *out) { return small(card, "limit", out); }

#ifndef OLD
struct memory {
    unsigned version;
    unsigned long long total, reserved, free, used;
};
int nvmlDeviceGetMemoryInfo_v2(void *card, struct memory *out) {
    int code = number(card, "total", &out->total);
    out->reserved = 0;
    if (!code) code = number(card, "used", &out->used);
    if (!code) out->free = out->total - out->used;
    return code;
}
int nvmlDeviceGetFanSpeed_v2(void *card, unsigned fan, unsigned *out) {
    (void)fan;
    return small(card, "fan", out);
}
int nvmlDeviceGetMigMode(void *card, unsigned *now, unsigned *next) {
    int code = small(card, "mig", now);
    *next = code ? 0 : *now;
    return code;
}
int nvmlDeviceGetMaxMigDeviceCount(void *card, unsigned *out) { return small(card, "places", out); }
int nvmlDeviceGetMigDeviceHandleByIndex(void *card, unsigned index, void **out) {
    char part[16], value[384];
    snprintf(part, sizeof part, "%.8s.%u", (const char *)card, index);
    *out = handle(part);
    if (!find(part, "uuid", value, sizeof value)) return NOT_FOUND;
    return fails(part, "handle");
}

struct process {
    unsigned pid;
    unsigned long long used;
    unsigned gpu_instance, compute_instance;
};
/* `processes` lists PID:BYTES, a dash for bytes that are not available. */
static int running(const char *card, const char *key, unsigned *count, struct process *out) {
    char value[384], *rest, *word;
    unsigned room = *count, n = 0;
    int code = fails(card, key);
    *count = 0;
    if (code) return code;
    if (!find(card, key, value, sizeof value)) return OK;
    for (word = strtok_r(value, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *bytes = strchr(word, ':');
        if (out && n < room) {
            out[n].pid = (unsigned)strtoul(word, NULL, 10);
            out[n].used = bytes && bytes[1] != '-' ? strtoull(bytes + 1, NULL, 10) : ~0ULL;
            out[n].gpu_instance = out[n].compute_instance = 0xFFFFFFFFu;
        }
        n++;
    }
    *count = n;
    return n > room ? INSUFFICIENT_SIZE : OK;
}
int nvmlDeviceGetComputeRunningProcesses_v3(void *card, unsigned *count, struct process *out) {
    return running(card, "processes", count, out);
}
int nvmlDeviceGetGraphicsRunningProcesses_v3(void *card, unsigned *count, struct process *out) {
    return running(card, "windows", count, out);
}
#endif
