package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"manifest-tool/internal/manifest/inspect"
)

type tagsOptions struct {
	*session

	list inspect.TagOptions
}

func newTags(s *session) *cobra.Command {
	o := &tagsOptions{session: s}
	c := &cobra.Command{
		Use:        "tags REPOSITORY",
		SuggestFor: []string{"ls", "list"},
		Short:      "List the tags of a repository",
		Long: `List the tags of a repository, or of an OCI layout or an archive (oci-layout://DIR,
oci-archive://FILE), one per line, sorted by their characters. Manifests of a layout
or an archive without a tag follow, as @DIGEST.

--semver lists only the tags that are versions, such as 1, v1.2 and 1.2.3-rc.1,
sorted by version, the newest last.

--platforms reads each tag, with one request, and shows which are indexes and
for which platforms. A tag without a manifest is shown as missing; the exit code
is then 3. A tag that cannot be read is shown as unreadable, with the reason on
standard error; the exit code is then 1.`,
		Example: `  manifest-tool tags registry.example.com/team/app
  manifest-tool tags --semver registry.example.com/team/app | tail -n 1
  manifest-tool tags --platforms registry.example.com/team/app`,
		Args: exactArgs(1, "one repository"),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c, args[0]) },
	}
	c.Flags().BoolVar(&o.list.Semver, "semver", false, "list only versions, the newest last")
	c.Flags().BoolVar(&o.list.Platforms, "platforms", false, "show the platforms of each tag")
	addOutputFlag(c, c.Flags())
	return c
}

func (o *tagsOptions) run(c *cobra.Command, name string) error {
	s, err := o.openStore(registryHosts(name))
	if err != nil {
		return err
	}
	list, err := inspect.ListTags(c.Context(), s, name, o.list)
	if err != nil {
		return err
	}
	for i := range list.Tags {
		o.printTagError(list.Tags[i])
	}
	if err := o.printer.PrintTags(list, o.list.Platforms); err != nil {
		return err
	}
	return tagsVerdict(list)
}

// printTagError writes to stderr why a tag could not be read, unless the result
// is data, which contains it.
func (o *tagsOptions) printTagError(t inspect.Tag) {
	if t.Err != nil && o.printer.Format.IsForPeople() {
		o.notices.Print("ERROR", t.Label()+": "+t.Error)
	}
}

func tagsVerdict(list inspect.TagList) error {
	switch missing, unreadable := list.Problems(); {
	case unreadable > 0:
		return fmt.Errorf("%d of %d tags of %s could not be read", unreadable, len(list.Tags), list.Repository)
	case missing > 0:
		return &verdictError{fmt.Sprintf("%d of %d tags of %s have no manifest", missing, len(list.Tags), list.Repository)}
	}
	return nil
}
