// Package sweep evaluates an experiment at every combination of its parameters, on
// all cores, and gathers the results in one tidy table: a row for each point, a
// column for each parameter and each result.
//
//	grid, err := sweep.Parse("mu=linspace(1,3,9)", "seed=0..99")
//	t, err := sweep.Run(ctx, grid, func(p sweep.Point) (sweep.Row, error) {
//		loss := train(p.Float("mu"), p.Int("seed"))
//		return sweep.Row{"loss": loss}, nil
//	})
//	err = t.Save("phase.parquet")
//
// The command swingby sweep does the same with a notebook or a function, here or as a job array
// of Slurm; it shares the ranges, the folder and the table with this package.
//
// # Ranges
//
// The values of a parameter are a list, separated by commas. Each part of it is
//
//	linspace(a,b,n)     n values from a to b, evenly apart (as in NumPy)
//	geomspace(a,b,n)    n values from a to b, each the same factor from the one before
//	logspace(a,b,n)     n values from 10^a to 10^b, likewise
//	a..b                a, a+1, … up to b, which is included
//	a..b..step          the same by steps, which may be decimal: 0..1..0.1 has 11 values
//	anything else       one value: 2.5, true, text, [1,2], "text, with a comma"
//
// Commas inside brackets and quotes do not separate. Ranges are computed exactly where
// they can be: 0..1..0.1 contains 0.3, the float64 closest to it, not a sum of tenths. The points of a
// [Grid] are numbered from 0; the last parameter changes fastest.
//
// # Order, cores, randomness
//
// Nothing depends on the order in which points are done or on how many are done at once, as long as the
// function computes its results from its point alone. What is random takes its seed from the
// point. The table is in the order of the points, and floats in it are the very numbers that
// were returned.
//
// # The folder
//
// A sweep that is given a folder keeps every result there as soon as it is known, and a later run of
// the same sweep computes only what is missing. The folder holds
//
//	sweep.json     what the sweep is: a [Spec]
//	results/       one file for each process that has written results
//	table.csv      the table, once the command has ended
//
// A file of results has one line for each point: a CRC-32 (IEEE) of the rest in hexadecimal, a space, and
// a [Result] as JSON. A process only ever appends to a file of its own, so several may work in a
// shared folder, and it can be read at any time ([Open], [Folder.Table]). A line that is not
// whole, because a process was killed or a disk was full, does not count.
package sweep
