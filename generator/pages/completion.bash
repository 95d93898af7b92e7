# Completion of gen for Bash 4.4 or newer. In ~/.bashrc: eval "$(gen completion bash)"
_gen() {
    local row value
    COMPREPLY=()
    while IFS= read -r row; do
        value=${row%%$'\t'*}
        # What the shell would take for something else is quoted.
        [[ $value != *[^[:alnum:]_=:./,@%+-]* ]] || printf -v value %q "$value"
        COMPREPLY+=("$value")
    done < <("$1" --complete bash "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
}
complete -o default -F _gen gen
