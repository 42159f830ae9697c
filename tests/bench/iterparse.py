"""Reads an Advanced file as `interdict` does: the same rows, the same digest, with lxml.

The whole tree is never kept: each element that is done with is cleared, and so is what stands before it.
"""

import hashlib
import re
import sys
import time

from lxml import etree

ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}\Z")
NAME = "Digital Currency Address - "
TAGS = [
    "FeatureType", "List", "SanctionsType", "EntryEventType",
    "Location", "IDRegDocument", "DistinctParty", "SanctionsEntry",
]


class Hashed:
    """A file that is hashed as it is read."""

    def __init__(self, path):
        self.file = open(path, "rb")
        self.digest = hashlib.sha256()

    def read(self, size):
        piece = self.file.read(size)
        self.digest.update(piece)
        return piece


def clear(element):
    element.clear(keep_tail=False)
    parent = element.getparent()
    while element.getprevious() is not None:
        del parent[0]


def main(path):
    source = Hashed(path)
    tickers, sdn, programs, created = {}, set(), set(), set()
    parties, rows, others = {}, {}, 0
    # The parser is told the names with their namespace, so that other elements cost no call.
    tags = ["{*}" + tag for tag in TAGS]
    for _, element in etree.iterparse(source, events=("end",), tag=tags):
        kind = etree.QName(element).localname
        if kind == "DistinctParty":
            party(element, tickers, parties)
        elif kind == "SanctionsEntry":
            others += entry(element, sdn, programs, created, parties, rows)
        elif kind == "FeatureType" and element.text.startswith(NAME):
            tickers[element.get("ID")] = element.text[len(NAME):]
        elif kind == "List" and element.text == "SDN List":
            sdn.add(element.get("ID"))
        elif kind == "SanctionsType" and element.text == "Program":
            programs.add(element.get("ID"))
        elif kind == "EntryEventType" and element.text == "Created":
            created.add(element.get("ID"))
        clear(element)
    return len(rows), others, source.digest.hexdigest()


def party(element, tickers, parties):
    for profile in element.iterfind("{*}Profile"):
        found = []
        for feature in profile.iterfind("{*}Feature"):
            ticker = tickers.get(feature.get("FeatureTypeID"))
            if ticker is not None:
                for detail in feature.iterfind("{*}FeatureVersion/{*}VersionDetail"):
                    found.append((ticker, feature.get("ID"), detail.text))
        if found:
            parties[profile.get("ID")] = (element.get("FixedRef"), found)


def entry(element, sdn, programs, created, parties, rows):
    found = parties.get(element.get("ProfileID"))
    if found is None or element.get("ListID") not in sdn:
        return 0
    uid, features = found
    date = None
    for event in element.iterfind("{*}EntryEvent"):
        if event.get("EntryEventTypeID") in created:
            date = tuple(int(part.text) for part in event.find("{*}Date"))
    codes = [
        measure.findtext("{*}Comment")
        for measure in element.iterfind("{*}SanctionsMeasure")
        if measure.get("SanctionsTypeID") in programs
    ]
    others = 0
    for ticker, feature, value in features:
        if ADDRESS.match(value):
            row = rows.setdefault((value.lower(), uid), (date, codes, [], []))
            row[2].append(ticker)
            row[3].append(feature)
        else:
            others += 1
    return others


if __name__ == "__main__":
    start = time.process_time()
    designations, not_evm, digest = main(sys.argv[1])
    cpu = time.process_time() - start
    peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(designations, not_evm, digest, int(cpu * 1e6), peak)
