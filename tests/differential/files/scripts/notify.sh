#!/bin/sh
# Told of a change of state.
exit 0
