"""The published metrics once more, from their definitions (docs/METRICS.md 8), dense and slow, with scipy's solver.

usage: score_reference.py N_TABLES SEED PROGRAM [--ties]

Draws tables, lets the program score them with --stamps union and compares every number to 1e-9. Exit status 77: numpy or
scipy is not there. Shares no line with the program.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from scipy.optimize import linear_sum_assignment, linprog
except ImportError:
    print("skipped: no numpy or no scipy")
    sys.exit(77)

EPS = np.finfo(float).eps
ALPHAS = np.arange(0.05, 0.99, 0.05)


def distances(truth, track):
    a = np.array([r[1:4] for r in truth], float).reshape(-1, 3)
    b = np.array([r[1:4] for r in track], float).reshape(-1, 3)
    return np.sqrt(((a[:, None, :] - b[None, :, :]) ** 2).sum(-1))


def set_distances(frames, c, p, penalty=1.0):
    published, stonesoup, gospa, switching = [], [], [], []
    partner_of = {}
    for truth, track in frames:
        m, n = len(truth), len(track)
        d = np.minimum(distances(truth, track), c)
        if max(m, n) == 0:
            published.append(0.0)
            stonesoup.append(None)
        else:
            square = np.full((max(m, n),) * 2, c)
            square[:m, :n] = d
            r, k = linear_sum_assignment(square)
            stonesoup.append(((square[r, k] ** p).sum() / max(m, n)) ** (1 / p))
            r, k = linear_sum_assignment(square**p)
            published.append(((square[r, k] ** p).sum() / max(m, n)) ** (1 / p))
        r, k = linear_sum_assignment(d**p)
        pairs = [(i, j) for i, j in zip(r, k) if d[i, j] < c]
        loc = sum(d[i, j] ** p for i, j in pairs)
        missed, false = c**p / 2 * (m - len(pairs)), c**p / 2 * (n - len(pairs))
        distance = (loc + missed + false) ** (1 / p)
        gospa.append({"distance": distance, "localisation": loc, "missed": missed, "false": false})
        changes = 0.0
        if n > 0:
            now = {truth[i][0]: track[j][0] for i, j in pairs}
            for row in truth:
                id_, new = row[0], now.get(row[0])
                if id_ in partner_of and partner_of[id_] != new:
                    changes += 0.5 if new is None or partner_of[id_] is None else 1.0
                if id_ in partner_of or new is not None:
                    partner_of[id_] = new
        s = penalty * changes ** (1 / p)
        switching.append({"distance": (distance**2 + s**2) ** 0.5, "switching": s})
    return {"ospa": {"published": published, "stonesoup": stonesoup}, "gospa": gospa, "gospa_switch": switching}


def trackeval(frames, zero):
    out = {}
    truth_ids = sorted({r[0] for f in frames for r in f[0]})
    track_ids = sorted({r[0] for f in frames for r in f[1]})
    n_truth, n_track = sum(len(f[0]) for f in frames), sum(len(f[1]) for f in frames)
    sims = [np.maximum(0, 1 - distances(*f) / zero) for f in frames]
    places = [([truth_ids.index(r[0]) for r in f[0]], [track_ids.index(r[0]) for r in f[1]]) for f in frames]
    shape = len(truth_ids), len(track_ids)
    g_count, t_count = np.zeros((shape[0], 1)), np.zeros((1, shape[1]))
    for g, t in places:
        g_count[g] += 1
        t_count[0, t] += 1

    # HOTA
    potential = np.zeros(shape)
    for s, (g, t) in zip(sims, places):
        if len(g) and len(t):
            den = s.sum(0)[None, :] + s.sum(1)[:, None] - s
            potential[np.ix_(g, t)] += np.where(den > EPS, s / np.where(den > EPS, den, 1), 0)
    align = potential / np.maximum(g_count + t_count - potential, 1e-300)
    tp, loc = np.zeros(19), np.zeros(19)
    counts = [np.zeros(shape) for _ in ALPHAS]
    for s, (g, t) in zip(sims, places):
        if len(g) and len(t):
            r, k = linear_sum_assignment(-(align[np.ix_(g, t)] * s))
            for a, alpha in enumerate(ALPHAS):
                hit = s[r, k] >= alpha - EPS
                tp[a] += hit.sum()
                loc[a] += s[r, k][hit].sum()
                np.add.at(counts[a], (np.array(g)[r[hit]], np.array(t)[k[hit]]), 1)
    empty = n_truth == 0 or n_track == 0
    fn, fp = n_truth - tp, n_track - tp
    ass = np.array([(c * c / np.maximum(1, g_count + t_count - c)).sum() for c in counts]) / np.maximum(1, tp)
    ass_re = np.array([(c * c / np.maximum(1, g_count)).sum() for c in counts]) / np.maximum(1, tp)
    ass_pr = np.array([(c * c / np.maximum(1, t_count)).sum() for c in counts]) / np.maximum(1, tp)
    loc = np.ones(19) if empty else np.maximum(1e-10, loc) / np.maximum(1e-10, tp)
    det = tp / np.maximum(1, tp + fn + fp)
    re, pr = tp / np.maximum(1, tp + fn), tp / np.maximum(1, tp + fp)
    hota, owta = np.sqrt(det * ass), np.sqrt(re * ass)
    for name, v in (("HOTA", hota), ("DetA", det), ("AssA", ass), ("LocA", loc)):
        out[name + "_alpha"] = v.tolist()
        out[name + "_mean"] = v.mean()
    for name, v in (("DetRe", re), ("DetPr", pr), ("AssRe", ass_re), ("AssPr", ass_pr), ("OWTA", owta),
                    ("HOTA_TP", tp), ("HOTA_FN", fn), ("HOTA_FP", fp)):
        out[name + "_mean"] = v.mean()
    out.update({"HOTA(0)": hota[0], "LocA(0)": loc[0], "HOTALocA(0)": hota[0] * loc[0]})

    # CLEAR
    keys = "CLR_TP CLR_FN CLR_FP IDSW MT PT ML Frag CLR_Frames MOTA MOTP MODA CLR_Re CLR_Pr MTR PTR MLR sMOTA CLR_F1"
    out.update({k: 0 for k in (keys + " FP_per_frame MOTAL MOTP_sum IDF1 IDR IDP IDTP IDFN IDFP").split()})
    if empty:
        out.update({"CLR_FN": n_truth, "CLR_FP": n_track, "MLR": 1, "ML": len(truth_ids) if n_track == 0 else 0})
        out.update({"IDFN": n_truth, "IDFP": n_track})
        return out
    ever, last = [None] * shape[0], [None] * shape[0]
    matched, frag = np.zeros(shape[0]), np.zeros(shape[0])
    n = {k: 0 for k in ("tp", "fn", "fp", "idsw")}
    sim_sum = 0.0
    for s, (g, t) in zip(sims, places):
        if not len(g) or not len(t):
            n["fp"] += len(t)
            n["fn"] += len(g)
            continue
        score = s + 1000.0 * np.array([[last[a] == b for b in t] for a in g])
        score[s < 0.5 - EPS] = 0
        r, k = linear_sum_assignment(-score)
        hits = [(i, j) for i, j in zip(r, k) if score[i, j] > EPS]
        now = [None] * shape[0]
        for i, j in hits:
            n["idsw"] += ever[g[i]] is not None and ever[g[i]] != t[j]
            ever[g[i]] = now[g[i]] = t[j]
            matched[g[i]] += 1
            frag[g[i]] += last[g[i]] is None
            sim_sum += s[i, j]
        last = now
        n["tp"] += len(hits)
        n["fn"] += len(g) - len(hits)
        n["fp"] += len(t) - len(hits)
    share = matched / g_count[:, 0]
    mt = int((share > 0.8).sum())
    pt = int((share >= 0.2).sum()) - mt
    ml, ids, truths = len(truth_ids) - mt - pt, max(1, len(truth_ids)), max(1, n["tp"] + n["fn"])
    out.update({"CLR_TP": n["tp"], "CLR_FN": n["fn"], "CLR_FP": n["fp"], "IDSW": n["idsw"], "MT": mt, "PT": pt,
                "ML": ml, "Frag": int((frag[frag > 0] - 1).sum()), "CLR_Frames": len(frames), "MOTP_sum": sim_sum,
                "MTR": mt / ids, "PTR": pt / ids, "MLR": ml / ids, "CLR_Re": n["tp"] / truths,
                "CLR_Pr": n["tp"] / max(1, n["tp"] + n["fp"]), "MODA": (n["tp"] - n["fp"]) / truths,
                "MOTA": (n["tp"] - n["fp"] - n["idsw"]) / truths, "MOTP": sim_sum / max(1, n["tp"]),
                "sMOTA": (sim_sum - n["fp"] - n["idsw"]) / truths, "FP_per_frame": n["fp"] / len(frames),
                "CLR_F1": n["tp"] / max(1, n["tp"] + 0.5 * n["fn"] + 0.5 * n["fp"]),
                "MOTAL": (n["tp"] - n["fp"] - (np.log10(n["idsw"]) if n["idsw"] else 0)) / truths})

    # Identity
    shared = np.zeros(shape)
    for s, (g, t) in zip(sims, places):
        if len(g) and len(t):
            shared[np.ix_(g, t)] += s >= 0.5
    r, k = linear_sum_assignment(-shared)
    idtp = int(shared[r, k].sum())
    out.update({"IDTP": idtp, "IDFN": n_truth - idtp, "IDFP": n_track - idtp, "IDR": idtp / n_truth,
                "IDP": idtp / n_track, "IDF1": 2 * idtp / (n_truth + n_track)})
    return out


def motmetrics(frames, gate):
    ever, n = {}, dict(det=0, miss=0, fp=0, sw=0)
    total = 0.0
    for truth, track in frames:
        d = distances(truth, track)
        taken_i, taken_j = set(), set()
        for i, row in enumerate(truth):
            j = next((j for j, s in enumerate(track) if s[0] == ever.get(row[0])), None)
            if j is not None and j not in taken_j and d[i, j] <= gate:
                taken_i.add(i)
                taken_j.add(j)
                total += d[i, j]
        n["det"] += len(taken_i)
        rows = [i for i in range(len(truth)) if i not in taken_i]
        cols = [j for j in range(len(track)) if j not in taken_j]
        if rows and cols:
            part = d[np.ix_(rows, cols)]
            cost = np.where(part <= gate, part, 1e6)
            for i, j in zip(*linear_sum_assignment(cost)):
                if part[i, j] <= gate:
                    a, b = truth[rows[i]][0], track[cols[j]][0]
                    n["sw"] += a in ever and ever[a] != b
                    ever[a] = b
                    n["det"] += 1
                    total += part[i, j]
    n_truth, n_track = sum(len(f[0]) for f in frames), sum(len(f[1]) for f in frames)
    miss, fp = n_truth - n["det"], n_track - n["det"]
    return {"num_detections": n["det"], "num_misses": miss, "num_false_positives": fp, "num_switches": n["sw"],
            "mota": 1 - (miss + fp + n["sw"]) / n_truth if n_truth else None,
            "motp_m": total / n["det"] if n["det"] else None}


def siap(n_truth_seen, n_track_seen, n_truth, n_track, position, velocity):
    return {"SIAP_Completeness": n_truth_seen / n_truth if n_truth else 0,
            "SIAP_Ambiguity": n_track_seen / n_truth_seen if n_truth_seen else 1,
            "SIAP_Spuriousness": (n_track - n_track_seen) / n_track if n_track else 0,
            "SIAP_Position_Accuracy": position / n_track_seen if n_track_seen else 0,
            "SIAP_Velocity_Accuracy": velocity / n_track_seen if n_track_seen else 0}


def speed(a, b):
    return sum((x - y) ** 2 for x, y in zip(a[4:7], b[4:7])) ** 0.5


def stonesoup(frames, gate):
    n_truth, n_track = sum(len(f[0]) for f in frames), sum(len(f[1]) for f in frames)
    before, matches, switches = {}, 0, 0
    position = velocity = near_position = near_velocity = 0.0
    near_truths = near_tracks = 0
    for truth, track in frames:
        d = distances(truth, track)
        now, free_i, free_j = {}, list(range(len(truth))), list(range(len(track)))
        found = []
        for i, row in enumerate(truth):
            for j, s in enumerate(track):
                if before.get(row[0]) == s[0] and d[i, j] < gate:
                    found.append((i, j))
        free_i = [i for i in free_i if i not in [f[0] for f in found]]
        free_j = [j for j in free_j if j not in [f[1] for f in found]]
        if free_i and free_j:
            part = d[np.ix_(free_i, free_j)]
            found += [(free_i[i], free_j[j]) for i, j in zip(*linear_sum_assignment(part)) if part[i, j] < gate]
        for i, j in found:
            a, b = truth[i][0], track[j][0]
            switches += a in before and before[a] != b
            now[a] = b
            position += d[i, j]
            velocity += speed(truth[i], track[j])
        matches += len(found)
        before = now
        nearest = [int(np.argmin(d[:, j])) for j in range(len(track))] if truth else []
        hits = [(i, j) for j, i in enumerate(nearest) if d[i, j] < gate]
        near_tracks += len(hits)
        near_truths += len({i for i, _ in hits})
        near_position += sum(d[i, j] for i, j in hits)
        near_velocity += sum(speed(truth[i], track[j]) for i, j in hits)
    clear = siap(matches, matches, n_truth, n_track, position, velocity)
    clear["MOTP"] = position / matches if matches else "inf"
    clear["MOTA"] = 1 - (n_truth + n_track - 2 * matches + switches) / n_truth if n_truth else None
    return clear, siap(near_truths, near_tracks, n_truth, n_track, near_position, near_velocity)


def tgospa(frames, c, p, gamma):
    """The linear program over all frames and all ids at once; index 0 of each side is "alone"."""
    truth_ids = sorted({r[0] for f in frames for r in f[0]})
    track_ids = sorted({r[0] for f in frames for r in f[1]})
    m, n, k_all = len(truth_ids), len(track_ids), len(frames)
    if m == 0 or n == 0:
        total = c**p / 2 * sum(len(f[0]) + len(f[1]) for f in frames)
        return {"total_p": total, "distance": total ** (1 / p)}
    n_w = m * n * k_all
    cost = np.zeros(n_w + m * n * (k_all - 1))
    base = 0.0
    for k, (truth, track) in enumerate(frames):
        base += c**p / 2 * (len(truth) + len(track))
        d = distances(truth, track)
        for i, a in enumerate(truth):
            for j, b in enumerate(track):
                cost[(k * m + truth_ids.index(a[0])) * n + track_ids.index(b[0])] = min(d[i, j], c) ** p - c**p
    cost[n_w:] = gamma**p / 2
    rows, rhs = [], []
    for k in range(k_all):
        for i in range(m):
            rows.append({(k * m + i) * n + j: 1 for j in range(n)})
        for j in range(n):
            rows.append({(k * m + i) * n + j: 1 for i in range(m)})
    rhs = [1] * len(rows)
    for k in range(1, k_all):
        for e in range(m * n):
            for sign in (1, -1):
                rows.append({k * m * n + e: sign, (k - 1) * m * n + e: -sign, n_w + (k - 1) * m * n + e: -1})
                rhs.append(0)
    from scipy.sparse import lil_matrix
    a = lil_matrix((len(rows), len(cost)))
    for i, row in enumerate(rows):
        for j, v in row.items():
            a[i, j] = v
    best = linprog(cost, A_ub=a.tocsr(), b_ub=rhs, bounds=(0, None), method="highs")
    total = base + best.fun
    return {"total_p": total, "distance": max(total, 0) ** (1 / p)}


def reference(frames, c=10.0, p=2.0, gate=2.0, zero=4.0, with_tgospa=True):
    out = set_distances(frames, c, p)
    out["trackeval"] = trackeval(frames, zero)
    out["motmetrics"] = motmetrics(frames, gate)
    out["stonesoup"], out["stonesoup_t2t"] = stonesoup(frames, gate)
    if with_tgospa:
        out["tgospa"] = tgospa(frames, c, p, 2.0)
    return out


def certain(want):
    """What does not depend on which of two equally good pairings is taken."""
    return {"ospa": {"published": want["ospa"]["published"]}, "gospa": [{"distance": g["distance"]} for g in want["gospa"]],
            "trackeval": {k: v for k, v in want["trackeval"].items() if k in ("IDTP", "IDFN", "IDFP", "IDF1", "IDR", "IDP")}}


# ---- tables that are drawn, and the comparison ----


def draw(rng, ties):
    """Frames [(truth rows, track rows)] with gaps, frames of one side only, ids used again, and clutter."""
    n_frames, n_truth = rng.randint(1, 9), rng.randint(0, 7)
    size, sigma = rng.choice([4.0, 8.0, 30.0]), rng.choice([0.3, 1.0, 2.0])
    miss, clutter, new_id = rng.choice([0, 0.1, 0.4]), rng.choice([0, 0.1, 0.5]), rng.choice([0, 0.05, 0.3])
    step = 1.0 if ties else 1e-6
    ids = rng.sample(range(1, 40), n_truth)
    follower = {i: 100 + i for i in ids}
    p = {i: [rng.uniform(0, size) for _ in range(3)] for i in ids}
    v = {i: [rng.uniform(-1, 1) for _ in range(3)] for i in ids}
    grid = (lambda x: round(round(x / step) * step, 6))
    frames = []
    for _ in range(n_frames):
        truth, track = {}, {}
        for i in ids:
            p[i] = [a + b for a, b in zip(p[i], v[i])]
            if rng.random() < 0.9:
                truth[i] = [grid(x) for x in p[i]] + [round(x, 6) for x in v[i]]
            if rng.random() < new_id:
                follower[i] = rng.choice([follower[rng.choice(ids)], rng.randint(100, 160)])
            if rng.random() >= miss:
                track[follower[i]] = [grid(x + rng.gauss(0, sigma)) for x in p[i]] + [round(x, 6) for x in v[i]]
            if rng.random() < clutter:
                track[rng.randint(200, 210)] = [grid(rng.uniform(0, size)) for _ in range(3)] + [0.0, 0.0, 0.0]
        if rng.random() < 0.05:
            truth = {}
        if rng.random() < 0.05:
            track = {}
        frames.append(([[i] + truth[i] for i in sorted(truth)], [[i] + track[i] for i in sorted(track)]))
    return [f for f in frames if f[0] or f[1]]


def write(path, frames, side, rng):
    names = ["t_s", "target_id" if side == 0 else "track_id", "x_m", "y_m", "z_m", "vx_mps", "vy_mps", "vz_mps"]
    order = list(range(8))
    rng.shuffle(order)
    # Times within a microsecond are one stamp; rows come in any order.
    rows = [[k + (0.0000004 * side)] + r for k, f in enumerate(frames) for r in f[side]]
    rng.shuffle(rows)
    with open(path, "w") as file:
        file.write(",".join(names[i] for i in order) + "\n")
        for row in rows:
            file.write(",".join(f"{row[i]:.9f}" if i == 0 else str(row[i]) for i in order) + "\n")


def differences(want, got, path=""):
    if isinstance(want, dict):
        for key, value in want.items():
            yield from differences(value, got.get(key, "absent") if isinstance(got, dict) else "absent", f"{path}.{key}")
    elif isinstance(want, list):
        if not isinstance(got, list) or len(got) != len(want):
            yield path, "length", want, got
        else:
            for i, value in enumerate(want):
                yield from differences(value, got[i], f"{path}[{i}]")
    elif want is None or isinstance(want, str) or isinstance(got, str) or got is None:
        if want != got:
            yield path, want, got
    elif abs(want - got) > 1e-9 * max(1, abs(want)):
        yield path, float(want), got


def main():
    n_tables, seed, program, ties = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], "--ties" in sys.argv
    n_bad, n_values = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for k in range(n_tables):
            rng = random.Random(seed * 1000003 + k)
            frames = draw(rng, ties)
            paths = [os.path.join(folder, name) for name in ("truth.csv", "tracks.csv")]
            for side in (0, 1):
                write(paths[side], frames, side, rng)
            zero, c, p, gate = rng.choice([2.0, 4.0]), rng.choice([5.0, 10.0]), rng.choice([1, 2, 3]), rng.choice([1.0, 2.0, 6.0])
            options = ["--hota-zero", str(zero), "--cutoff", str(c), "--order", str(p), "--gate", str(gate)]
            got = subprocess.run([program, "score", *paths, "--stamps", "union", "--json", *options],
                                 capture_output=True, text=True)
            want = reference(frames, c=c, p=p, gate=gate, zero=zero, with_tgospa=k % 5 == 0)
            if ties:
                want = certain(want)
            bad = [("exit", got.returncode, got.stderr)] if got.returncode else list(
                differences(want, json.loads(got.stdout)["metrics"]))
            n_values += 1
            if bad:
                n_bad += 1
                print(f"table {k}:", *bad[:4], sep="\n    ")
    print(f"{n_tables} tables, {n_bad} differ")
    return n_bad > 0


if __name__ == "__main__":
    sys.exit(main())
