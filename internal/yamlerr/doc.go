// Package yamlerr explains the errors of the YAML parser: the line of the error
// and a message for users.
//
// internal/manifest/spec uses it for specs and internal/config for settings.
package yamlerr
