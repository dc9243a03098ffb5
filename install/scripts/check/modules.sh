#!/bin/sh
# The downloaded modules are the ones go.sum knows, and go.mod has no unused line.
go mod verify && go mod tidy -diff
