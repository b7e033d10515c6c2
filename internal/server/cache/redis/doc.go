// Package redis is a cache.Storage in Redis or Valkey, for a service of several
// machines: one server, a Cluster, or servers that Sentinels watch. It gives up
// quickly: a Storage that is slow is worse than none.
package redis
