# Lists the fuzz targets and their dictionaries. Source it from the repository's root.

fuzz_targets() {
    local source
    for source in fuzz/fuzz_targets/*.rs; do
        basename "$source" .rs
    done
}

# fuzz_dictionary TARGET: the file in fuzz/dictionaries.
fuzz_dictionary() {
    case "$1" in
        form_*) echo form.dict ;;
        xml_* | envelope_*) echo xml.dict ;;
        *)
            echo "the target $1 has no dictionary" >&2
            return 1
            ;;
    esac
}
