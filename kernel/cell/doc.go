// Package cell takes one notebook cell from text to value: parse, check, lower, evaluate.
package cell
