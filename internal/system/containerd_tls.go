package system

import "path/filepath"

// tableTLS reads what a table in the file of a host says about TLS. Relative paths are relative to the
// directory of the file.
func (r *Rules) tableTLS(host string, at Origin, table hostTable) TLS {
	t := TLS{SkipVerify: table.SkipVerify}
	if len(table.Header) > 0 {
		r.warn(host, at, "header left out: headers of a file are not sent")
	}
	for _, path := range stringsOf(table.CA) {
		t.CAFiles = append(t.CAFiles, relativeTo(at.File, path))
	}
	pairs := clientPairs(table.Client)
	if len(pairs) > 1 {
		r.warn(host, at, "client: only the first of %d client certificates is used", len(pairs))
	}
	if len(pairs) > 0 {
		t.ClientCert, t.ClientKey = relativeTo(at.File, pairs[0][0]), relativeTo(at.File, pairs[0][1])
	}
	return t
}

func relativeTo(file, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}

// stringsOf reads "a" or ["a", "b"].
func stringsOf(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, item := range v {
			if s, ok := item.(string); ok {
				all = append(all, s)
			}
		}
		return all
	}
	return nil
}

// clientPairs reads "both.pem", ["both.pem", …] or [["cert", "key"], …].
func clientPairs(value any) [][2]string {
	var all [][2]string
	for _, path := range stringsOf(value) {
		all = append(all, [2]string{path, path})
	}
	list, _ := value.([]any)
	for _, item := range list {
		switch pair, isList := item.([]any); {
		case isList && len(stringsOf(pair)) == 2:
			both := stringsOf(pair)
			if both[1] == "" {
				both[1] = both[0]
			}
			all = append(all, [2]string{both[0], both[1]})
		case isList && len(stringsOf(pair)) == 1:
			all = append(all, [2]string{stringsOf(pair)[0], stringsOf(pair)[0]})
		}
	}
	return all
}
