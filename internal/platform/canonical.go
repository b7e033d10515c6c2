package platform

// Canonical returns p in the spelling that containerd compares in: x86_64 is
// amd64, arm64/v8 is arm64, arm is arm/v7. An os that is not set stays so.
func Canonical(p Platform) Platform { return normalize(p) }
