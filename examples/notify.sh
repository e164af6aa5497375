#!/bin/sh
# Called by notify-scripts.conf: keeps the role and the state of this node in files that other programs can read.
# Put what must happen at a change where the file is written. It may take its time: hooks of the next state wait for
# those of this one, at most 10 seconds.
directory=/run/keepalived-notify
mkdir -p "$directory"

case $1 in
    promote | demote)
        echo "$1" >> "$directory/role" ;;
    state) # INSTANCE name STATE priority
        echo "$4" >> "$directory/$3" ;;
esac
