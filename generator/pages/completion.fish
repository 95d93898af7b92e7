# Completion of gen for fish: gen completion fish > ~/.config/fish/completions/gen.fish
function __gen_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l rows ($words[1] --complete fish $words[2..] "$current" 2>/dev/null)
    if test (count $rows) -gt 0
        printf '%s\n' $rows
    else
        __fish_complete_path "$current"
    end
end
complete --command gen --no-files --arguments '(__gen_complete)'
