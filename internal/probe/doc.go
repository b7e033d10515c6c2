// Package probe tests what a registry supports. Run makes small images, pushes
// them to a repository, and reports check by check whether the registry behaves
// as the distribution-spec requires or allows, with the requests and responses of
// each check. It deletes what it wrote, if the registry permits that.
//
// A check is a row of a table (sections.go). A check that fails says that the
// registry is wrong; one that ends with an error could not be carried out. Report
// is test-registry/v1 of docs/output. Source: issue 13.
package probe
