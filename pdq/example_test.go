package pdq_test

import (
	"fmt"
	"image"
	"image/color"
	"os"

	"suraag/pdq"
)

func ExampleOf() {
	f, err := os.Open("testdata/mods/square-512x512.jpg")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := pdq.Of(img, pdq.Full)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Hash)
	fmt.Println(r.Quality >= 50) // good enough to be compared
	// Output:
	// d8f8f0cec0f4a84f0637022a278f67f0b36e2ed596621e1d33e6339c4e9c9b22
	// true
}

// A picture that was mirrored is found among the orientations of the other.
func ExampleBoth() {
	img, mirrored := image.NewGray(image.Rect(0, 0, 640, 480)), image.NewGray(image.Rect(0, 0, 640, 480))
	for y := range 480 {
		for x := range 640 {
			v := uint8((x*x/500 + y*y/300 + x*y/900) % 200)
			img.SetGray(x, y, color.Gray{Y: v})
			mirrored.SetGray(639-x, y, color.Gray{Y: v})
		}
	}
	full, nn512, err := pdq.Both(img)
	if err != nil {
		fmt.Println(err)
		return
	}
	other, _, err := pdq.Both(mirrored)
	if err != nil {
		fmt.Println(err)
		return
	}
	for o, h := range full.Hashes {
		if d := h.Distance(other.Hashes[pdq.Original]); d <= 31 {
			fmt.Println("found as", pdq.Orientation(o))
		}
	}
	fmt.Println("both preparations have a quality:", full.Quality > 0 && nn512.Quality > 0)
	// Output:
	// found as flipy
	// both preparations have a quality: true
}

func ExampleHash_Distance() {
	a, _ := pdq.Parse("f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22")
	b, _ := pdq.Parse("d8f8f0cee0f4a84f0637022a078f67f0b36e2ed596621e1d33e6339c4e9c9b22")
	fmt.Println(a.Distance(b), "of 256 bits: one picture, prepared in two ways")
	// Output:
	// 6 of 256 bits: one picture, prepared in two ways
}
