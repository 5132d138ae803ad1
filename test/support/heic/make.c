// Makes the HEIC files of this folder, with libheif 1.15 and x265 3.5 (Debian 12: apt-get install libheif-dev):
//   cc make.c -lheif -o make && for kind in 420 rotated alpha ten-bit icc p3 burst thumbnail hdr hdr-alpha hdr-8-bit hdr-clli hdr-mdcv hdr-icc exif xmp; do ./make $kind $kind.heic p3.icc; done
// 420.heic is chroma-420.heic here. p3.icc is the profile of Display P3 that sharp has. libheif 1.15 writes the upright
// size of rotated.heic, where the standard wants the stored one: swap the two numbers of its `ispe`.
#include <libheif/heif.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static void ok(struct heif_error e) { if (e.code) { fprintf(stderr, "%s\n", e.message); exit(1); } }
// red on the left, blue on the right; with alpha, the right is transparent
static struct heif_image *picture(int w, int h, int bits, int alpha, int rotated, int p3) {
  struct heif_image *im; int ch = alpha ? 4 : 3, hdr = bits > 8;
  enum heif_chroma c = hdr ? heif_chroma_interleaved_RRGGBB_LE : alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB;
  ok(heif_image_create(w, h, heif_colorspace_RGB, c, &im));
  ok(heif_image_add_plane(im, heif_channel_interleaved, w, h, bits));
  int stride; uint8_t *p = heif_image_get_plane(im, heif_channel_interleaved, &stride);
  for (int y = 0; y < h; y++) for (int x = 0; x < w; x++) {
    int left = rotated ? y >= h / 2 : x < w / 2; // lies on its side
    int max = (1 << bits) - 1;
    int v[4] = { left ? max : 0, 0, left ? 0 : max, left ? max : 0 };
    if (p3 && left) { v[0] = 0x75; v[1] = 0xfb; v[2] = 0x4c; } // almost sRGB's green
    for (int k = 0; k < ch; k++) { int val = v[k]; if (hdr) ((uint16_t *)(p + y * stride))[x * ch + k] = val; else p[y * stride + x * ch + k] = val; }
  }
  return im;
}
// The patches of test/support/patches.ts as PQ in BT.2020; with alpha, every second one is half transparent.
static struct heif_image *patches(int alpha, int bits) {
  static const double P[12][3] = { {0,0,0}, {.08,.08,.08}, {.25,.25,.25}, {.5,.5,.5}, {.8,.8,.8}, {1,1,1}, {.75,.5,.25}, {.25,.5,.75}, {.4,.6,.3}, {1,0,0}, {0,1,0}, {0,0,1} };
  struct heif_image *im; int ch = alpha ? 4 : 3, w = 12 * 16, h = 16, stride;
  ok(heif_image_create(w, h, heif_colorspace_RGB, bits == 8 ? heif_chroma_interleaved_RGB : alpha ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE, &im));
  ok(heif_image_add_plane(im, heif_channel_interleaved, w, h, bits));
  uint8_t *p = heif_image_get_plane(im, heif_channel_interleaved, &stride);
  for (int y = 0; y < h; y++) for (int x = 0; x < w; x++) for (int k = 0; k < ch; k++) {
    double max = (1 << bits) - 1, v = k == 3 ? (x / 16 % 2 ? .5 : 1) : P[x / 16][k];
    if (bits == 8) p[y * stride + x * ch + k] = v * max + .5; else ((uint16_t *)(p + y * stride))[x * ch + k] = v * max + .5;
  }
  return im;
}
int main(int n, char **a) {
  const char *kind = a[1];
  int rotated = !strcmp(kind, "rotated"), alpha = !strcmp(kind, "alpha"), bits = !strcmp(kind, "ten-bit") ? 10 : 8;
  struct heif_context *ctx = heif_context_alloc(); struct heif_encoder *enc;
  ok(heif_context_get_encoder_for_format(ctx, heif_compression_HEVC, &enc));
  int hdr = !strncmp(kind, "hdr", 3);
  ok(heif_encoder_set_lossy_quality(enc, hdr ? 100 : 90));
  ok(heif_encoder_set_parameter_string(enc, "chroma", !strcmp(kind, "420") ? "420" : "444"));
  struct heif_encoding_options *o = heif_encoding_options_alloc();
  o->macOS_compatibility_workaround_no_nclx_profile = 0; if (rotated) o->image_orientation = heif_orientation_rotate_90_cw;
  int many = !strcmp(kind, "burst");
  struct heif_image_handle *hnd, *first = NULL;
  if (many) { // three pictures, of which the second is the primary item
    for (int i = 0; i < 3; i++) { struct heif_image *im = picture(i == 1 ? 64 : 128, i == 1 ? 32 : 96, 8, 0, 0, 0); ok(heif_context_encode_image(ctx, im, enc, o, &hnd)); if (i == 1) first = hnd; }
    ok(heif_context_set_primary_image(ctx, first));
  } else {
    struct heif_image *im = hdr ? patches(!strcmp(kind, "hdr-alpha"), !strcmp(kind, "hdr-8-bit") ? 8 : 10) : picture(rotated ? 64 : 64, rotated ? 128 : 32, bits, alpha, rotated, !strcmp(kind, "icc") || !strcmp(kind, "p3"));
    if (!strcmp(kind, "hdr-clli")) { struct heif_content_light_level level = { 400, 0 }; heif_image_set_content_light_level(im, &level); }
    if (!strcmp(kind, "hdr-clli") || !strcmp(kind, "hdr-mdcv")) { struct heif_mastering_display_colour_volume v = { .max_display_mastering_luminance = 4000 * 10000 }; heif_image_set_mastering_display_colour_volume(im, &v); }
    if (!strcmp(kind, "icc") || !strcmp(kind, "hdr-icc")) { FILE *f = fopen(a[3], "rb"); static unsigned char icc[65536]; size_t s = fread(icc, 1, sizeof icc, f); ok(heif_image_set_raw_color_profile(im, "prof", icc, s)); }
    if (!strcmp(kind, "hdr-icc")) o->save_two_colr_boxes_when_ICC_and_nclx_available = 1;
    if (!strcmp(kind, "p3")) { struct heif_color_profile_nclx *x = heif_nclx_color_profile_alloc(); x->color_primaries = 12; x->transfer_characteristics = 13; x->matrix_coefficients = 6; x->full_range_flag = 1; ok(heif_image_set_nclx_color_profile(im, x)); o->output_nclx_profile = x; }
    else if (hdr) { struct heif_color_profile_nclx *x = heif_nclx_color_profile_alloc(); x->color_primaries = 9; x->transfer_characteristics = 16; x->matrix_coefficients = 9; x->full_range_flag = 1; ok(heif_image_set_nclx_color_profile(im, x)); o->output_nclx_profile = x; }
    ok(heif_context_encode_image(ctx, im, enc, o, &hnd));
    if (!strcmp(kind, "exif")) { // a copyright in UTF-8
      const char block[] = "MM\0*\0\0\0\10\0\1\202\230\0\2\0\0\0\14\0\0\0\32\0\0\0\0\302\251 Jane Doe";
      ok(heif_context_add_exif_metadata(ctx, hnd, block, sizeof block));
    }
    if (!strcmp(kind, "xmp")) {
      const char packet[] = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        "<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:creator>Zo\303\253</dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>";
      ok(heif_context_add_XMP_metadata(ctx, hnd, packet, sizeof packet - 1));
    }
    if (!strcmp(kind, "thumbnail")) { struct heif_image_handle *t; ok(heif_context_encode_thumbnail(ctx, im, hnd, enc, o, 16, &t)); }
  }
  ok(heif_context_write_to_file(ctx, a[2]));
  return 0;
}
