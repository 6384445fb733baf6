"""Does with a card what its arguments say, one after the other, and prints a line of JSON for each.

connect READER   connects to the card in a reader, once there is one
send HEX         sends a command, fetches what the card has for it, and prints the whole answer
exchange HEX     sends a command and prints the answer to it, whatever the card has beyond that
pound HEX        sends a command again and again until it fails
watch READER     prints whether there is a card, at first and whenever that changes; never ends
"""

import json
import sys
import time

from smartcard.CardMonitoring import CardMonitor, CardObserver
from smartcard.scard import SCARD_LEAVE_CARD
from smartcard.System import readers
from smartcard.util import toBytes, toHexString

PATIENCE = 20


def say(**what):
    print(json.dumps(what), flush=True)


def hexed(octets):
    return toHexString(octets).replace(" ", "")


def connect(name):
    end = time.monotonic() + PATIENCE
    while True:
        try:
            connection = next(r for r in readers() if str(r) == name).createConnection()
            connection.connect(disposition=SCARD_LEAVE_CARD)
            return connection
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def send(connection, command):
    data, sw1, sw2 = connection.transmit(toBytes(command))
    while sw1 == 0x61:
        more, sw1, sw2 = connection.transmit([0x00, 0xC0, 0x00, 0x00, sw2])
        data += more
    return hexed(data + [sw1, sw2])


def exchange(connection, command):
    data, sw1, sw2 = connection.transmit(toBytes(command))
    return hexed(data + [sw1, sw2])


def pound(connection, command):
    say(pounding=send(connection, command))
    while True:
        send(connection, command)


class Watch(CardObserver):
    def __init__(self, reader):
        super().__init__()
        self.reader = reader

    def update(self, observable, changes):
        for there, cards in zip((True, False), changes):
            if any(str(card.reader) == self.reader for card in cards):
                say(there=there)


def main():
    connection = None
    for argument in sys.argv[1:]:
        verb, rest = argument.split(" ", 1)
        try:
            if verb == "connect":
                connection = connect(rest)
                say(atr=hexed(connection.getATR()))
            elif verb == "send":
                say(answer=send(connection, rest))
            elif verb == "exchange":
                say(answer=exchange(connection, rest))
            elif verb == "pound":
                pound(connection, rest)
            else:
                CardMonitor().addObserver(Watch(rest))
                while True:
                    time.sleep(PATIENCE)
        except Exception as error:
            say(error=type(error).__name__, text=str(error))


main()
