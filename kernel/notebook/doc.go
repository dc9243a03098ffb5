// Package notebook reads, runs, compares and publishes Jupyter notebooks
// without Jupyter.
//
// # The file
//
// A notebook is a JSON file (extension .ipynb) in nbformat 4, versions 4.0 to
// 4.5. [ReadFile] and [Parse] turn it into a [Notebook] whose cells and outputs
// are plain structs; whatever this package does not know (attachments, metadata
// of other tools, outputs of a kind still to come) is kept in the Metadata and
// Extra maps and written back. [Notebook.Bytes] writes what the Python package
// nbformat writes, byte for byte: sorted keys, one space of indent, multi-line
// text as lists of lines, numbers as Python prints them, a newline at the end.
// JupyterLab saves through nbformat, so a notebook it has saved is reproduced
// exactly, and version control sees only real changes.
//
// # Running
//
// [Exec] runs the code cells in order in one worker process and builds the
// outputs by the rules of nbclient, the client behind jupyter execute and
// nbconvert; [ExecFile] adds files. Three things differ on purpose. Text that a
// cell writes to stdout or stderr between two other outputs is one output per
// stream, stdout first: a client that stores every message gets pieces whose
// number depends on timing, and the same run must give the same bytes. Controls
// in the page (widgets) are left out: they end with the session. And a
// run that stops, whether by an error, a timeout or an interrupt, writes no
// file at all.
//
// [RunScript] runs a Go file as one cell of such a worker process, or the cells of a
// notebook, as a program with arguments, standard streams and an exit status.
//
// # Comparing and publishing
//
// [Diff] says in which cells two notebooks differ in their outputs. [VerifyFile] runs a
// notebook again and compares within a tolerance, [Compare] does so for one that was
// run by somebody else. [HTML]
// makes one self-contained page of a notebook: math, syntax colours and
// pictures are inside, and the page forbids itself every network request.
package notebook
