// Package install makes Jupyter find Swingby.
//
// Jupyter looks for kernels in folders named kernels/NAME below its data
// directories. A folder is a kernel when it holds kernel.json, the kernelspec:
// the command to start, the name to show, the language, and how an interrupt is
// sent. Beside it may lie logos. [Install] writes such a folder, [Uninstall]
// takes it away, and [Doctor] says whether what is installed works.
//
// The kernelspec of Swingby names the program by its absolute path, so that it
// works whatever PATH the notebook server was started with:
//
//	{"argv": ["/home/ada/bin/swingby", "kernel", "-f", "{connection_file}"],
//	 "display_name": "Go (Swingby)", "language": "go",
//	 "interrupt_mode": "message", "metadata": {}}
//
// An interrupt comes as a message, not as a signal, because it then works the
// same on every system and stops one cell, not a process.
//
// # Where the folder goes
//
//	User       the user's own data directory (the default): $JUPYTER_DATA_DIR, else
//	           Linux and other Unix  $XDG_DATA_HOME/jupyter or ~/.local/share/jupyter
//	           macOS                 ~/Library/Jupyter
//	           Windows               %APPDATA%\jupyter
//	SysPrefix  share/jupyter of the Python environment in use: $VIRTUAL_ENV,
//	           else $CONDA_PREFIX, else sys.prefix of the python3 on PATH
//	Prefix     share/jupyter of the given folder, such as /usr/local
//
// The rules are those of jupyter_core 5.9 (jupyter_core/paths.py), with
// JUPYTER_PLATFORM_DIRS.
//
// # All or nothing
//
// Install writes to a folder that Jupyter cannot take for a kernel and renames
// it at the end. An older Swingby of the same name gives way to it; a kernel
// that is not Swingby's is left alone, and whatever fails leaves everything as
// it was, down to folders that had to be created on the way.
package install
