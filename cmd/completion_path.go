package cmd

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/spf13/cobra"

	"manifest-tool/internal/reference"
)

// completePath completes the prefixes of layouts and archives, and the path after one:
// directories, and for archives files. It reports false for other words, and for those
// with a tag, which is completed from what is there.
func completePath(word string) ([]cobra.Completion, bool) {
	prefixes := []string{reference.LayoutPrefix, reference.OCIArchivePrefix, reference.DockerArchivePrefix}
	var begun []cobra.Completion
	for _, prefix := range prefixes {
		if path, ok := strings.CutPrefix(word, prefix); ok {
			return completeFiles(prefix, path), strings.LastIndexAny(path, ":@") <= strings.LastIndex(path, "/")
		}
		if word != "" && strings.HasPrefix(prefix, word) {
			begun = append(begun, prefix)
		}
	}
	return begun, len(begun) > 0
}

// completeFiles completes the last part of a path.
func completeFiles(prefix, path string) []cobra.Completion {
	dir, begun := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Clean(dir)) // of "" it is .
	if err != nil {
		return nil
	}
	// Other names may be something for the shell to run.
	plain := regexp.MustCompile(`^[\w.+,=~-]+$`)
	var found []cobra.Completion
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, begun) || !plain.MatchString(name) || strings.HasPrefix(name, ".") && !strings.HasPrefix(begun, ".") {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, name)) // of what a link names
		switch {
		case err != nil:
		case info.IsDir() && prefix == reference.LayoutPrefix && isLayoutDir(filepath.Join(dir, name)):
			found = append(found, prefix+dir+name)
		case info.IsDir():
			found = append(found, prefix+dir+name+"/")
		case info.Mode().IsRegular() && prefix != reference.LayoutPrefix:
			found = append(found, prefix+dir+name)
		}
	}
	return found
}

func isLayoutDir(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, ocispec.ImageLayoutFile))
	return err == nil
}
