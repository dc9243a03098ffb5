package main

func writeDocs(files map[string][]byte, _ *loader, loads []map[string]*loaded) error { return nil }
