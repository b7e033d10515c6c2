package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
)

// ParseNetwork parses an IP address or a CIDR block.
func ParseNetwork(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		return netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()), nil
	}
	block, err := netip.ParsePrefix(text)
	if err != nil {
		return block, fmt.Errorf("%.60q is neither an IP address nor a CIDR block, such as 10.0.0.0/8", text)
	}
	return block.Masked(), nil
}

// checkAddress rejects what a server cannot listen at. The host may be empty.
func checkAddress(text string) error {
	_, port, err := net.SplitHostPort(text)
	if err != nil || !isPort(port) {
		return fmt.Errorf("%.60q is not HOST:PORT or :PORT", text)
	}
	return nil
}

func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}

// checkURL rejects what is not the address of a service, and a user or password in it.
func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return nil
	case err != nil || u.Hostname() == "" || u.Port() != "" && !isPort(u.Port()) || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("%.60q is not http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH]", text)
	case u.User != nil:
		return ErrUserinfo
	}
	return nil
}
