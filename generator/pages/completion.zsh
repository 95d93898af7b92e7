#compdef gen
# Completion of gen for Zsh. In ~/.zshrc: eval "$(gen completion zsh)"
_gen() {
    local row value
    local -a whole open
    for row in "${(@f)$("${words[1]}" --complete zsh "${(@Q)words[2,$CURRENT]}" 2>/dev/null)}"; do
        value=${row%%$'\t'*}
        [[ -n $value ]] || continue
        row="${value//:/\\:}:${row#*$'\t'}"
        if [[ $value == *= ]]; then open+=("$row"); else whole+=("$row"); fi
    done
    (( $#whole + $#open )) || { _files; return; }
    (( ! $#whole )) || _describe gen whole
    (( ! $#open )) || _describe gen open -S ''
}
if [[ ${funcstack[1]-} == _gen ]]; then
    _gen "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
    compdef _gen gen
fi
