package system

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"path/filepath"
	"strings"

	"manifest-tool/internal/errtext"
)

// dockerHub is the registry that registry-mirrors of Docker are for.
const dockerHub = "docker.io"

// daemonFile is daemon.json. Source: dockerd's reference, "Daemon configuration file".
type daemonFile struct {
	Insecure []string `json:"insecure-registries"`
	Mirrors  []string `json:"registry-mirrors"`
}

// docker reads the first daemon.json of this machine: that of Docker without root, of
// Docker Desktop, of the machine.
func (r *Rules) docker(o Options) []rule {
	for _, path := range o.daemonFiles() {
		data, ok := r.read(path, false)
		if !ok {
			continue
		}
		var file daemonFile
		data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
		if err := json.Unmarshal(data, &file); err != nil && len(bytes.TrimSpace(data)) > 0 {
			r.warn("", Origin{File: path}, "left out: %v", errtext.DecodeError(data, err))
			return nil
		}
		return r.daemonRules(path, data, file)
	}
	return nil
}

func (o Options) daemonFiles() []string {
	var files []string
	if own := o.configHome(); own != "" {
		files = append(files, filepath.Join(own, "docker", "daemon.json"))
	}
	if o.Home != "" {
		files = append(files, filepath.Join(o.Home, ".docker", "daemon.json"))
	}
	if data := o.Getenv("PROGRAMDATA"); data != "" {
		files = append(files, filepath.Join(data, "docker", "config", "daemon.json"))
	}
	return append(files, o.machine("etc", "docker", "daemon.json"))
}

func (r *Rules) daemonRules(path string, data []byte, file daemonFile) []rule {
	var set []rule
	for _, entry := range file.Insecure {
		at := Origin{path, lineOf(data, `"`+entry+`"`)}
		host := strings.TrimPrefix(strings.TrimPrefix(entry, "http://"), "https://")
		if network, err := netip.ParsePrefix(host); err == nil {
			set = append(set, rule{network: network.Masked(), origin: at, tls: insecure()})
		} else if host = strings.TrimSuffix(host, "/"); isAddress(host) && !strings.Contains(host, "/") {
			set = append(set, rule{prefix: canonical(host), origin: at, tls: insecure()})
		} else {
			r.warn("", at, "insecure-registries: %.60q left out: it is not HOST, HOST:PORT or a network", entry)
		}
	}
	hub := rule{prefix: dockerHub}
	for _, entry := range file.Mirrors {
		at := Origin{path, lineOf(data, `"`+entry+`"`)}
		u, ok := parseURL(entry)
		if !ok || strings.Trim(u.Path, "/") != "" {
			r.warn("", at, "registry-mirrors: %.60q left out: it is not http[s]://HOST[:PORT]", entry)
			continue
		}
		hub.mirrors = append(hub.mirrors, Mirror{Address: u.Host, TLS: TLS{PlainHTTP: u.Scheme == "http"}, Origin: at})
	}
	if len(hub.mirrors) > 0 {
		hub.origin = hub.mirrors[0].Origin
		set = append(set, hub)
	}
	return set
}
