// Package display is what a cell can show.
//
// The value of a cell's last expression is shown by [Render]; a cell that wants
// to show something earlier, or several things, calls [Show]:
//
//	display.Show(p)                                // any value, as a result would show
//	display.Show(display.Markdown("**done**"))     // text in a given format
//	h := display.Show("step 0")                    // a handle on what was shown …
//	h.Update("step 1")                             // … replaces it in place
//	display.Clear(true)                            // empties the cell's output
//
// # What a value shows as
//
// Every value has a plain text form. What is richer comes from, in this order:
//
//   - a [Bundle], as [HTML], [Markdown], [LaTeX], [SVG], [PNG], [JPEG], [JSON],
//     [JavaScript] and [Text] return it: shown as it is;
//
//   - methods of the value: HTML, Markdown, LaTeX, SVG, PNG, JPEG, JSON and
//     MIMEBundle (see [HTMLer] and its siblings). A method that panics costs
//     nothing but its own format;
//
//   - *plot.Plot and any other [Drawer]: SVG, and PNG for clients without SVG;
//
//   - image.Image: PNG;
//
//   - mat.Matrix: an HTML table, and LaTeX when it is small;
//
//   - a slice of figures or images: all of them, side by side;
//
//   - a slice of structs: an HTML table;
//
//   - everything else: Go syntax, as in
//
//     []Point{{X: 1, Y: 2}, {X: 3, Y: 4}, … 998 more}
//
// [Plot], [Matrix], [Table] and [Image] wrap a value to change how it shows:
//
//	display.Plot(p).Size(8*vg.Inch, 3*vg.Inch)
//	display.Plot(fig).Zoom(1.5)
//	display.Matrix(w).Precision(3).Caption("W after 100 steps")
//	display.Table(rows, "seed", "loss").Limit(50)
//
// # Bounds
//
// Whatever the size of the value, what it shows as is bounded: long slices,
// maps, tables and matrices are cut and say how much was cut, nesting stops at
// a fixed depth, and cycles are recognised. What is cut is the picture, not the
// value; explicit formats ([HTML] and so on) are passed on whole.
//
// # Figures in pages
//
// Letters are written as text in the fonts every system has, with the width they
// were laid out for, so that a drawing looks the same everywhere and can be
// searched. Sizes are in CSS pixels, 96 an inch, and shrink with the page. The PNG
// has two pixels for each of them; notebook clients show it in place of the SVG
// until the reader has run or trusted the notebook.
//
// # Types declared in cells
//
// The interpreter's values carry neither the names of their types nor their
// methods. [Render] therefore takes the static types along, [SetTypeSource] tells
// it what they are made of, and an [Object] brings a value's methods with it.
//
// # Safety
//
// Text that comes from data (cells of tables, captions, names) is escaped before
// it enters HTML or LaTeX. Only what the user passes to [HTML], [SVG],
// [JavaScript] or returns from a method of that name is taken as markup.
package display
