#!/bin/sh
# keep-pages IMAGE FOLDER: copies the pages of an image into a folder that outlives its container. Files with a
# hash that former images had stay there for a day: tabs may still have the pages that name them. A container of
# the same image that starts again changes nothing, so that what deploy-remote has put there stays.
set -eu
image=$1 folder=$2
had=$folder/.had has=$folder/.has copied=$folder/.copied
sum=$(cd "$image" && find . -type f -exec cksum {} + | LC_ALL=C sort | cksum)
[ ! -f "$copied" ] || [ "$(cat "$copied")" != "$sum" ] || exit 0
(cd "$image" && find . -type f | LC_ALL=C sort) >"$has"
[ -f "$had" ] || : >"$had"

# Replaced now, by this image.
LC_ALL=C comm -23 "$had" "$has" | while read -r file; do
  case $file in
    ./assets/* | ./mfes/*/*) [ ! -f "$folder/$file" ] || touch "$folder/$file" ;;
    *) rm -f "$folder/$file" ;;
  esac
done
(cd "$folder" && find . -mindepth 2 -type f -mmin +1440 | LC_ALL=C sort) | LC_ALL=C comm -23 - "$has" |
  while read -r file; do rm -f "$folder/$file"; done
cp -pR "$image/." "$folder/"
mv "$has" "$had"
echo "$sum" >"$copied"
