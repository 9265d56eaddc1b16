#!/usr/bin/python3
"""Frames and tracks of a recorded session, with h5py alone.

    python3 examples/read_session.py SESSION.h5

Needs python3-h5py and the registered HDF5 filter 32008 (Debian: bitshuffle). A recording that is still being written, or
that was cut short, opens as well: swmr=True reads what has been flushed.
"""
import sys

import h5py
import numpy as np


def compose(folder, number):
    """Frame `number` of a camera at level tiles: its tiles over the background recorded last before it."""
    index = folder["tile_index"][:]
    rows = np.flatnonzero(index["number"] == number)
    before = np.flatnonzero(folder["index"]["t"] <= index["t"][rows[0]])
    image = folder["frames"][before[-1]].astype(np.int32)
    for row in rows:
        for k in range(index["n"][row]):
            u, v = index["u_px"][row][k], index["v_px"][row][k]
            part = image[v:v + 32, u:u + 32]  # a view; cut at the border of the image
            part += folder["tiles"][16 * row + k][:part.shape[0], :part.shape[1]]
    return image


def main(path):
    with h5py.File(path, "r", libver="latest", swmr=True) as session:
        meta = session["/meta/session"][0]
        cameras = session["/rig/cameras"][:session["/meta/config"][0]["n_cameras"]]  # the rest is a copy
        print(f"{meta['name'].decode()}: {len(session['/sets'])} frame sets, {len(cameras)} cameras")

        for camera in cameras:
            folder = session[f"/cameras/{camera['id']}"]
            frames, index = folder["frames"], folder["index"]
            if len(frames) > 0:
                image = frames[-1]  # HDF5 unpacks it
                print(f"camera {camera['id']}: {len(frames)} frames of {image.shape[1]} x {image.shape[0]}, "
                      f"the last at {index[-1]['t'] * 1e-9:.3f} s has mean {image.mean():.2f} DN")
            if "tiles" in folder and len(folder["tiles"]) > 0:  # level tiles: `frames` are backgrounds
                last = folder["tile_index"][-1]["number"]
                image = compose(folder, last)
                print(f"camera {camera['id']}: tiles of {len(set(folder['tile_index']['number']))} frames, "
                      f"frame {last} composed has mean {image.mean():.2f} DN")

        tracks = session["/tracks"]
        for row in session["/sets"][-3:]:
            first = row["first_track"]
            for track in tracks[first:first + row["n_tracks"]]:
                x, y, z = track["p_w"]
                print(f"set {row['set']}: track {track['id']} at {x:.1f} {y:.1f} {z:.1f} m")

        print("units of /detections:", {name: units.decode() for name, units in
              zip(session["/detections"].dtype.names, session["/detections"].attrs["units"]) if units})


if __name__ == "__main__":
    main(sys.argv[1])
