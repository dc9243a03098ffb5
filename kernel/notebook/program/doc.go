// Package program turns a notebook into a Go program that does the same.
//
// The cells of a notebook are one after another; Go wants declarations at the
// top and statements in a function. So [Export] cuts every cell into imports,
// declarations and statements. Functions, types and constants become the
// program's own. Each cell's statements become a function, and the variables that
// they declare at their top become variables of the program, because later cells
// and functions use them; what type they have is Go's checker's answer. Packages
// that a cell need not import are imported, a last expression becomes
// [display.Show], and Markdown becomes comments. main calls the cells in order.
//
// The program imports the packages the cells did, compiled, and so gives the same
// numbers: what a notebook stores as text and as plain form of its results is what
// the program prints.
//
// What Go has no words for is refused, by cell: lines that are no Go (magics,
// commands of the shell), a function, type or constant that a later cell declares
// anew, and a variable that changes its type although functions use it.
package program
