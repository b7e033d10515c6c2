package cmd

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"manifest-tool/internal/config"
	"manifest-tool/internal/server/cache"
	"manifest-tool/internal/server/cache/redis"
	"manifest-tool/internal/store/transport"
)

const (
	// cacheInMemory is the value of the setting serve.cache without Redis.
	cacheInMemory = "memory"
	// cachePasswordVariable has the password of Redis. It is not a setting, since those
	// have a flag, which other users see.
	cachePasswordVariable = "MANIFEST_TOOL_CACHE_PASSWORD"
)

func addCacheFlags(flags *pflag.FlagSet) {
	flags.String("cache", cacheInMemory, "where answers are remembered: memory, or the `address` of a Redis or Valkey that several services share: redis://HOST, redis-cluster://HOST,HOST or redis-sentinel://HOST,HOST/MASTER; rediss for TLS")
	flags.Var(&settingValue{"64", config.Setting{Kind: config.KindInt}}, "cache-size", "memory for answers, in MiB")
	flags.String("cache-password-file", "", "`file` with the password of Redis (default $"+cachePasswordVariable+")")
	flags.Var(&settingValue{"10", config.Setting{Kind: config.KindInt}}, "pull-reserve", "pulls that are left to others at a registry that counts them for each address, such as Docker Hub")
}

// cacheOptions returns the cache that the settings describe, without what it reads
// from. A Redis that does not respond is a warning.
func (o *serveOptions) cacheOptions(ctx context.Context, log *slog.Logger) (cache.Options, error) {
	set := o.settings.Serve
	memory := cache.NewMemory(int64(set.CacheSize)<<20, o.Now)
	options := cache.Options{Storage: memory, Now: o.Now, Reserve: set.PullReserve}
	if set.Cache != cacheInMemory {
		password, err := o.cachePassword()
		if err != nil {
			return options, err
		}
		shared, err := redis.Open(ctx, set.Cache, password)
		if err != nil {
			return options, &usageError{err: fmt.Errorf("%s: %w", o.settings.Origins["serve.cache"].Location(), err)}
		}
		if password != "" { // the server may repeat it
			o.sanitizer.SetRedact(func(text string) string { return strings.ReplaceAll(text, password, "REDACTED") })
		}
		options.Storage = cache.NewFallback(shared, memory, o.Now, func(err error) {
			if err != nil {
				log.Warn("the shared cache is not used", "error", o.sanitizer.Text(err.Error()))
				return
			}
			log.Info("the shared cache is used")
		})
	}
	return options, nil
}

// cachePassword returns the Redis password, or "" if none is configured. A trailing
// line end in the file is not part of it.
func (o *serveOptions) cachePassword() (string, error) {
	path := o.settings.Serve.CachePasswordFile
	if path == "" {
		return o.Getenv(cachePasswordVariable), nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", &usageError{err: fmt.Errorf("%s: %w", o.settings.Origins["serve.cache-password-file"].Location(), err)}
	}
	return string(withoutLineEnd(raw)), nil
}

// observeBoth returns a function that calls both; the second one may be nil.
func observeBoth(first, second func(transport.Event)) func(transport.Event) {
	if second == nil {
		return first
	}
	return func(e transport.Event) {
		first(e)
		second(e)
	}
}
