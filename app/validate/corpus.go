package validate

import (
	"context"
	"image"
	_ "image/jpeg" // the forms that the packages' pictures have
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"suraag/fault"
)

// collection is a Debian package with photographs. The names are of photographs of different
// scenes only: no second size, no second view, no drawing.
type collection struct {
	name, licence, folder string
	files                 []string
}

// collections are what Debian 12 has, with the licences that each package's copyright file
// states, or, for python3-sklearn, the README beside the pictures.
func collections() []collection {
	return []collection{
		{"mate-backgrounds", "GPL-2+", "usr/share/backgrounds/mate/nature", []string{"Aqua.jpg", "Blinds.jpg", "Dune.jpg", "FreshFlower.jpg", "Garden.jpg", "GreenMeadow.jpg",
			"LadyBird.jpg", "RainDrops.jpg", "Storm.jpg", "TwoWings.jpg", "Wood.jpg", "YellowFlower.jpg"}},
		{"plasma-workspace-wallpapers", "GPL-2+", "usr/share/wallpapers", []string{"BytheWater/contents/images/2560x1600.jpg", "ColdRipple/contents/images/2560x1600.jpg",
			"ColorfulCups/contents/images/2560x1600.jpg", "DarkestHour/contents/images/2560x1600.jpg", "EveningGlow/contents/images/2560x1600.jpg",
			"FallenLeaf/contents/images/2560x1600.jpg", "Grey/contents/images/2560x1600.jpg", "Kite/contents/images/2560x1600.jpg",
			"OneStandsOut/contents/images/2560x1600.jpg", "Path/contents/images/2560x1600.jpg", "summer_1am/contents/images/2560x1600.jpg"}},
		{"lomiri-wallpapers-16.04", "CC-BY-4.0, CC-BY-SA-4.0 or CC0-1.0 (by file)", "usr/share/backgrounds", []string{"Bridge_by_Sander_Klootwijk.jpg", "Dragonfly_by_Bolly.jpg",
			"Picture_0B_by_freespace.jpg", "Picture_1A_by_freespace.jpg", "Wine_by_Jakkub_Mede.jpg", "aitzgorri_by_Aitzol_Berasategi.jpg", "free_by_Peter_Nerlich.jpg",
			"friends_by_Aitzol_Berasategi.jpg", "greentock_by_Peter_Nerlich.jpg", "life_by_Aitzol_Berasategi.jpg", "picosdeeuropa_by_Aitzol_Berasategi.jpg",
			"seeding_by_Clements_Engelhardt.jpg", "sunset_by_Aitzol_Berasategi.jpg", "umang_by_Abhishek_Mudgal.jpg"}},
		{"lomiri-wallpapers-20.04", "CC-BY-SA-3.0", "usr/share/backgrounds", []string{"Kleiber_by_Lukas_Baubkus.jpg"}},
		{"python3-skimage", "BSD-3-Clause", "usr/lib/python3/dist-packages/skimage/data", []string{"astronaut.png", "brick.png", "camera.png", "cell.png", "chelsea.png", "coffee.png",
			"coins.png", "grass.png", "gravel.png", "hubble_deep_field.jpg", "ihc.png", "moon.png", "motorcycle_left.png", "retina.jpg", "rocket.jpg"}},
		{"python3-sklearn", "CC-BY-2.0", "usr/lib/python3/dist-packages/sklearn/datasets/images", []string{"china.jpg", "flower.jpg"}},
	}
}

// Fetch downloads the packages with apt-get into dir, unpacks them there and reads their
// pictures. It installs nothing. Where apt-get or dpkg-deb is missing, the network is
// out of reach or a package has changed, the error is of kind fault.Unavailable and says which.
func Fetch(ctx context.Context, dir string, tell func(string)) ([]Picture, []Source, error) {
	var pictures []Picture
	var sources []Source
	for _, c := range collections() {
		tell("package " + c.name)
		src, some, err := c.fetch(ctx, filepath.Join(dir, c.name))
		if err != nil {
			return nil, nil, err
		}
		pictures, sources = append(pictures, some...), append(sources, src)
	}
	return pictures, sources, nil
}

func (c collection) fetch(ctx context.Context, dir string) (Source, []Picture, error) {
	src := Source{Package: c.name, Licence: c.licence, Pictures: c.files}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return src, nil, fault.As(fault.Unavailable, err)
	}
	if _, err := c.run(ctx, dir, "apt-get", "download", "--quiet", c.name); err != nil {
		return src, nil, err
	}
	archives, err := filepath.Glob(filepath.Join(dir, c.name+"_*.deb"))
	if err != nil || len(archives) != 1 {
		return src, nil, fault.Newf(fault.Unavailable, "package %q: apt-get left %d archives in %q", c.name, len(archives), dir)
	}
	version, err := c.run(ctx, dir, "dpkg-deb", "--field", archives[0], "Version")
	if err != nil {
		return src, nil, err
	}
	src.Version = strings.TrimSpace(version)
	if _, err := c.run(ctx, dir, "dpkg-deb", "--extract", archives[0], "unpacked"); err != nil {
		return src, nil, err
	}
	var pictures []Picture
	for _, name := range c.files {
		img, err := decode(filepath.Join(dir, "unpacked", c.folder, name))
		if err != nil {
			return src, nil, fault.WithHint(fault.Newf(fault.Unavailable, "package %q %s: %w", c.name, src.Version, err), "the list of pictures is made for Debian 12; see app/validate/corpus.go")
		}
		pictures = append(pictures, Picture{Name: c.name + "/" + name, Image: img})
	}
	return src, pictures, nil
}

func (c collection) run(ctx context.Context, dir, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err == nil {
		return string(out), nil
	}
	if ctx.Err() != nil {
		return "", fault.As(fault.Unavailable, context.Cause(ctx))
	}
	said := ""
	if exit, is := err.(*exec.ExitError); is {
		said = ": " + strings.TrimSpace(string(exit.Stderr))
	}
	err = fault.Newf(fault.Unavailable, "package %q could not be had: %s: %w%s", c.name, program, err, said)
	return "", fault.WithHint(err, "the pictures come from Debian's archive: run this on Debian 12 with a network, after apt-get update")
}

func decode(name string) (image.Image, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	return img, err
}
