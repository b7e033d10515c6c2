package main

import (
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"net/url"
	"strings"
)

// content is what a package has in the binary, in bytes.
type content struct {
	name       string
	code, data int64
}

// contents are the packages by their import paths.
type contents map[string]*content

// countSymbols counts the symbols of an ELF file with symbols.
func countSymbols(path string) (contents, error) {
	program, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer program.Close()
	symbols, err := program.Symbols()
	if err != nil {
		return nil, fmt.Errorf("reading the symbols of %s: %w", path, err)
	}
	found := contents{}
	for _, s := range symbols {
		if int(s.Section) >= len(program.Sections) {
			continue
		}
		section := program.Sections[s.Section]
		name := packageOf(s.Name)
		if name == "" || section.Type == elf.SHT_NOBITS {
			continue
		}
		if found[name] == nil {
			found[name] = &content{name: name}
		}
		if section.Flags&elf.SHF_EXECINSTR != 0 {
			found[name].code += int64(s.Size)
		} else {
			found[name].data += int64(s.Size)
		}
	}
	return found, nil
}

// packageOf returns the import path of the package that a symbol belongs to; "" for
// what the compiler makes for several packages. An instance of a generic function
// belongs to the package that declares the function.
func packageOf(symbol string) string {
	if strings.HasPrefix(symbol, "type:") || strings.HasPrefix(symbol, "go:") {
		return ""
	}
	name := symbol
	if i := strings.IndexAny(name, "[("); i >= 0 {
		name = name[:i]
	}
	slash := strings.LastIndexByte(name, '/')
	element, _, ok := strings.Cut(name[slash+1:], ".")
	if !ok {
		return "runtime" // such as _rt0_amd64_linux
	}
	// Dots in the last element are escaped.
	path, err := url.PathUnescape(name[:slash+1] + element)
	if err != nil {
		return name[:slash+1] + element
	}
	return path
}

// readModules returns the paths of the modules that a binary was built from.
func readModules(path string) ([]string, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, m := range info.Deps {
		all = append(all, m.Path)
	}
	return all, nil
}
