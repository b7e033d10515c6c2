//go:build e2e

package redistest

import (
	"net"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

// StartCluster starts a Cluster of three masters.
func StartCluster(t *testing.T) []*Server {
	t.Helper()
	var all []*Server
	create := []string{"--cluster", "create"}
	for range 3 {
		one := Start(t, "cluster-enabled yes", "cluster-port "+freePort)
		all, create = append(all, one), append(create, one.Addr)
	}
	all[0].CLI(t, append(create, "--cluster-yes")...)
	for _, one := range all {
		clitest.WaitForStart(t, "the Cluster is complete", func() bool {
			return strings.Contains(one.CLI(t, "cluster", "info"), "cluster_state:ok")
		})
	}
	return all
}

// StartSentinels starts a master, a replica, and three Sentinels that know the master as
// "main".
func StartSentinels(t *testing.T) (master, replica *Server, sentinels []*Server) {
	t.Helper()
	master = Start(t)
	_, port, err := net.SplitHostPort(master.Addr)
	clitest.Must(t, err)
	replica = Start(t, "replicaof 127.0.0.1 "+port)
	for range 3 {
		sentinels = append(sentinels, launch(t, []string{"--sentinel"}, []string{
			"sentinel monitor main 127.0.0.1 " + port + " 2", "sentinel auth-pass main " + Password,
			"sentinel down-after-milliseconds main 500", "sentinel failover-timeout main 3000",
		}))
	}
	for _, one := range sentinels {
		clitest.WaitForStart(t, "the Sentinels know each other and the replica", func() bool {
			info := one.CLI(t, "sentinel", "master", "main")
			return field(info, "num-other-sentinels") == "2" && field(info, "num-slaves") == "1"
		})
	}
	return master, replica, sentinels
}

// field returns the line after a name.
func field(text, name string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines[:max(0, len(lines)-1)] {
		if strings.TrimSpace(line) == name {
			return strings.TrimSpace(lines[i+1])
		}
	}
	return ""
}

// Addresses returns the addresses of servers with commas between.
func Addresses(all []*Server) string {
	var texts []string
	for _, one := range all {
		texts = append(texts, one.Addr)
	}
	return strings.Join(texts, ",")
}
