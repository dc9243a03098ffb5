// Package widget puts controls into the page: sliders, buttons, text, and boxes of them.
package widget
