// Package batch runs a notebook or a function at every point of a sweep: in worker
// processes on this machine, or as a job array of Slurm.
//
// Ranges, folder and table are those of package swingby/simlib/sweep. Here is what evaluates a point.
//
// # Notebooks
//
// The parameters of a notebook are the variables that its cell tagged "parameters" declares, its results those that
// its cells tagged "results" declare. Each point runs the code cells in a process of its own, in the notebook's
// folder, up to the last cell tagged "results"; what follows (plots, most often) does not run. So no
// point sees anything of another, whatever the cells do.
//
// # Functions
//
// A target FILE.go:Func or NOTEBOOK.ipynb:Func is a function that the file declares, theory.Func one of a package
// that cells need not import. Its parameters are set by name; a first one of type context.Context gets
// the point's. A process runs the file once and then calls the function for many points, so what it
// keeps in variables of the package is seen by later calls: it should not keep anything.
//
// # Results
//
// A result is a number, a truth value or text. A struct or map gives one for each exported field or
// key. A variable total of a notebook that is a struct with a field Loss gives the column
// total.Loss; of a function that returns one struct the columns are its fields. A last result of type error that
// is not nil is the point's error.
//
// # Slurm
//
// A run on Slurm is one job array, whose tasks each do a chunk of the points with this same
// program and write into the shared folder; this process submits it with sbatch, looks at squeue and the folder, and submits again what a
// dead task has left. Nothing listens anywhere. The folder's subfolder slurm holds one folder for each
// submission: the points of each task, the script, the identity of the job, the tasks' logs.
package batch
