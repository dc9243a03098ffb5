//go:build !darwin && !windows

package stdlib

// platformTypes is empty: the archives were made for Linux.
const platformTypes = ""
