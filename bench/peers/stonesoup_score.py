"""OSPA, GOSPA and CLEAR of two tables by Stone Soup, for `skyvox bench score`.

usage: stonesoup_score.py TRUTH.csv TRACKS.csv

Prints one line: "stonesoup VERSION MS_PER_SCAN MEAN_GOSPA MOTA", or "not installed: REASON" with exit status 77.
The tables have the columns t_s, target_id or track_id, x_m, y_m, z_m; times are scans.
"""
import csv
import datetime
import sys
import time


def read(path, id_column):
    rows = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            place = [[float(row[k])] for k in ("x_m", "y_m", "z_m")]
            rows.setdefault(row[id_column], []).append((float(row["t_s"]), place))
    return rows


def main():
    try:
        import stonesoup
        from stonesoup.dataassociator.clearmot import ClearMotAssociator
        from stonesoup.measures import Euclidean
        from stonesoup.metricgenerator.clearmotmetrics import ClearMotMetrics
        from stonesoup.metricgenerator.manager import MultiManager
        from stonesoup.metricgenerator.ospametric import GOSPAMetric, OSPAMetric
        from stonesoup.types.groundtruth import GroundTruthPath, GroundTruthState
        from stonesoup.types.state import State
        from stonesoup.types.track import Track
    except ImportError as error:
        print(f"not installed: {error}")
        return 77

    begin = datetime.datetime(2000, 1, 1)
    names = {"tracks_key": "tracks", "truths_key": "truths"}
    measure = Euclidean((0, 1, 2))

    def states(rows, kind):
        return [kind(place, timestamp=begin + datetime.timedelta(seconds=t)) for t, place in sorted(rows)]

    truths = {GroundTruthPath(states(rows, GroundTruthState)) for rows in read(sys.argv[1], "target_id").values()}
    tracks = {Track(states(rows, State)) for rows in read(sys.argv[2], "track_id").values()}
    n_scans = len({state.timestamp for path in truths | tracks for state in path})

    start = time.perf_counter()
    ospa = OSPAMetric(c=10, p=2, measure=measure, generator_name="ospa", **names)
    gospa = GOSPAMetric(c=10, p=2, measure=measure, generator_name="gospa", **names)
    clear = ClearMotMetrics(distance_measure=measure, generator_name="clear", **names)
    associator = ClearMotAssociator(measure=measure, association_threshold=2)
    manager = MultiManager([ospa, gospa, clear], associator)
    manager.add_data({"truths": truths, "tracks": tracks})
    manager.generate_metrics()
    ms_per_scan = 1e3 * (time.perf_counter() - start) / n_scans

    values = manager.metrics["gospa"]["GOSPA Metrics"].value
    mean = sum(metric.value["distance"] for metric in values) / len(values)
    mota = manager.metrics["clear"]["MOTA"].value
    print(f"stonesoup {stonesoup.__version__} {ms_per_scan:.6g} {mean:.12g} {mota:.12g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
