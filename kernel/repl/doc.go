// Package repl is the conversation with a session in a terminal: a prompt, a
// cell, what it shows, and again. Same worker, same cells and same magics as in a
// notebook.
//
// Lines are edited by github.com/reeflective/readline: keys as in the shell
// (~/.inputrc counts), a cell of several lines that goes on until Go's parser
// finds it complete, completion from types with Tab, and the history that all
// kernels of the user share. Results show as text, and pictures as pictures where
// the terminal has a protocol for them (see [Pictures]).
//
// Ctrl-C stops the cell that runs, or drops the one that is being written; a
// second one ends a cell that does not stop, and its session with it. Ctrl-D ends
// the conversation. Without a terminal the cells come from standard input, no
// prompt is shown, and the first error ends it, so that it can stand in a pipe.
package repl
