package history

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Variable is the environment variable that names the history file; the value "none" means that there is none.
const Variable = "SWINGBY_HISTORY"

// DefaultPath is the history file of the user: what the environment variable [Variable] says, else
// swingby/history in the folder where the system keeps the data of programs. It is empty for no file.
func DefaultPath() (string, error) {
	switch path := os.Getenv(Variable); path {
	case "":
		dir, err := dataDir(runtime.GOOS, os.Getenv, os.UserHomeDir)
		if err != nil {
			return "", fmt.Errorf("history: no folder for the history file (%w); set %s to a file, or to none", err, Variable)
		}
		return filepath.Join(dir, "swingby", "history"), nil
	case "none":
		return "", nil
	default:
		return filepath.Abs(path)
	}
}

// dataDir is where a system keeps what programs remember for a user: XDG_DATA_HOME of the XDG Base Directory
// Specification, and its counterparts on Windows and macOS.
func dataDir(goos string, getenv func(string) string, home func() (string, error)) (string, error) {
	variable := "XDG_DATA_HOME"
	if goos == "windows" {
		variable = "LOCALAPPDATA"
	}
	if dir := getenv(variable); dir != "" && (goos == "windows" || filepath.IsAbs(dir)) && goos != "darwin" {
		return dir, nil
	}
	h, err := home()
	if err != nil {
		return "", err
	}
	switch goos {
	case "windows":
		return filepath.Join(h, "AppData", "Local"), nil
	case "darwin":
		return filepath.Join(h, "Library", "Application Support"), nil
	}
	return filepath.Join(h, ".local", "share"), nil
}
