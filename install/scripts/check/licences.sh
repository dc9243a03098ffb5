#!/bin/sh
# Everything linked has a licence the project accepts, and docs/licences.txt says so.
go run ./install/licences -check
