// Package display is what a cell can show.
package display
