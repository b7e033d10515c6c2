package probe

import (
	"context"
	"strconv"
)

// remembered is a response with its exchange, for several checks.
type remembered struct {
	response response
	exchange Exchange
}

// rememberedKey distinguishes the requests of a run whose responses are remembered.
func rememberedKey(q request) string {
	return q.method + " " + q.url + " " + q.header["Accept"] + " " + strconv.FormatBool(q.anonymous)
}

// doAndRemember is do for a request that doOnce does not send again.
func (r *run) doAndRemember(ctx context.Context, q request) (response, error) {
	resp, err := r.do(ctx, q)
	if err == nil {
		r.remembered[rememberedKey(q)] = remembered{resp, r.exchanges[len(r.exchanges)-1]}
	}
	return resp, err
}

// doOnce sends a request unless the run did so before. Each check that makes it
// reports the exchange.
func (r *run) doOnce(ctx context.Context, q request) (response, error) {
	if known, ok := r.remembered[rememberedKey(q)]; ok {
		r.exchanges = append(r.exchanges, known.exchange)
		return known.response, nil
	}
	return r.doAndRemember(ctx, q)
}

// getOnce is getManifest for a request that several checks of a run look at.
func (r *run) getOnce(ctx context.Context, method, name string, accept ...string) (response, error) {
	return r.doOnce(ctx, r.manifestRequest(method, name, accept...))
}
