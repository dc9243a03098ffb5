#!/bin/sh
# Notebooks are for reading: no long cells, nothing of the machine they ran on,
# stored executed in order, without errors and without a claim that fails.
go run ./install/notebooks -check
