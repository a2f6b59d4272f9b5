# keeps <instance>.state beside the FIFO, from lines like: INSTANCE "edge" MASTER 100
# usage: keepalived-state.sh FIFO

while read -r type name state priority; do
  name=${name#\"}
  case $state in
    MASTER | BACKUP | FAULT | STOP) echo "$state" > "${1%/*}/${name%\"}.state" ;;
  esac
done < "$1"
