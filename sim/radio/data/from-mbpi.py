#!/usr/bin/env python3
"""Makes operators.tsv from the provider list of mobile-broadband-provider-info.

    apt-get download mobile-broadband-provider-info
    dpkg-deb -x mobile-broadband-provider-info_*.deb mbpi
    python3 from-mbpi.py mbpi/usr/share/mobile-broadband-provider-info/serviceproviders.xml \
        20230416-1 > operators.tsv

One line per network id of each provider: country (ISO 3166-1 alpha-2, lower case), MCC-MNC, name,
first APN for internet access (or "-"). Sorted by country and PLMN; providers of one PLMN keep the
list's order, except that one marked as primary comes first.
"""

import sys
import xml.etree.ElementTree as ElementTree


def first_apn(gsm):
    for apn in gsm.findall("apn"):
        if any(usage.get("type") == "internet" for usage in apn.findall("usage")):
            return apn.get("value").strip() or "-"
    return "-"


def rows(root):
    for country in root.findall("country"):
        for provider in country.findall("provider"):
            gsm = provider.find("gsm")
            if gsm is None:
                continue
            name = " ".join(provider.findtext("name").split())
            secondary = provider.get("primary") != "true"
            for network in gsm.findall("network-id"):
                key = (country.get("code"), network.get("mcc"), network.get("mnc"), secondary)
                yield key, (name, first_apn(gsm))


def main():
    path, version = sys.argv[1:]
    print(f"# From serviceproviders.xml of mobile-broadband-provider-info {version} (public domain)")
    print("# by from-mbpi.py; do not edit. Columns: country, MCC-MNC, name, first APN or -.")
    entries = sorted(rows(ElementTree.parse(path).getroot()), key=lambda row: row[0])
    seen = set()
    for (country, mcc, mnc, _), (name, apn) in entries:
        line = "\t".join((country, f"{mcc}-{mnc}", name, apn))
        if line not in seen:
            seen.add(line)
            print(line)


if __name__ == "__main__":
    main()
