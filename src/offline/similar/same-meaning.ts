import { stemOf } from './stem.ts';

/**
 * Words that people use for the same thing, a group a line: English, and German, French, Spanish and Chinese (pairs of characters, as the index has
 * them), folded. Written from general knowledge of what is asked of assistants, and small: it helps a question in other words or in another language
 * to its answer where both name a common thing, and is no translation.
 */
const GROUPS = `
error fehler erreur 错误 报错 exception bug failure
fail failing broken crash kaputt defekt scheitert echoue falla 失败 失效 崩溃 偶发
fix repair mend solve beheben reparieren losen corriger reparer arreglar corregir 修复 解决
delete remove erase drop loschen entfernen supprimer effacer borrar eliminar 删除 移除
create make build erstellen anlegen bauen creer crear construir 创建 新建 生成
change modify edit andern bearbeiten modifier changer cambiar editar 修改 更改 编辑
rename umbenennen renommer renombrar 重命 命名
copy kopieren copier copiar duplicate 复制
backup sicherung sichern sauvegarde respaldo 备份
restore wiederherstellen restaurer restaurar recover recovery 恢复 还原
install installieren installer instalar setup einrichten 安装
update upgrade aktualisieren aktualisierung mettre actualizar 更新 升级
deploy release rollout ausliefern publish veroffentlichen publier publicar 发布 部署 上线
test tests testen prueben probar tester 测试
check verify validate prufen uberprufen verifier comprobar 检查 验证 校验 核实
checklist checkliste pruefliste liste lista 清单
list aufzahlen liste lista 列表 列出
file datei fichier archivo 文件
folder directory ordner verzeichnis dossier carpeta 目录 夹
photo picture image foto bild bilder fotos imagen 照片 图片
search find look suchen finden chercher trouver buscar encontrar 搜索 查找
database datenbank db base datos 数据
table tabelle tableau tabla 表格
query abfrage requete consulta 查询
server dienst service serveur servidor 服务
network netz netzwerk reseau red 网络
password kennwort passwort contrasena mot passe 密码
login signin anmelden anmeldung connexion acceso 登录 登陆
user benutzer nutzer utilisateur usuario 用户
customer client kunde kunden kundin cliente 客户 顾客
support helpdesk kundendienst 客服
permission right rights recht rechte berechtigung droits permisos 权限
privacy datenschutz confidentialite privacidad 隐私
security sicherheit securite seguridad 安全
encrypt verschlusseln chiffrer cifrar 加密
speed fast slow performance schnell langsam rapide lent rapido lento 性能 速度
memory speicher memoire memoria 内存 记忆
limit limiting throttle throttling drosseln begrenzen grenze limite 限流 限制
timeout zeituberschreitung expire 超时
cache zwischenspeicher puffer 缓存
queue warteschlange schlange cola file 队列
log logs protokoll journal registro 日志
config configuration settings konfiguration einstellungen parametres ajustes 配置 设置
environment umgebung environnement entorno 环境
variable variablen 变量
function method funktion methode fonction funcion 函数
class klasse classe clase
loop schleife boucle bucle 循环
recursion recursive rekursion recursif recursivo 递归
string text zeichenkette chaine cadena 字符
number zahl nombre numero 数字
date datum fecha 日期
time zeit zeitzone heure hora 时间
timeline chronology zeitleiste chronologie 时间
plan planung proposal scheme entwurf konzept 方案 计划
budget cost costs price kosten preis cout prix coste precio 预算 成本 费用
overspend exceed exceeded uberschritten 超支
trip travel journey reise reisen voyage viaje 旅行 旅游 行程
route itinerary strecke weg itineraire ruta 路线
island islands insel inseln ile isla 群岛 海岛
ferry fahre schiff bateau barco 渡轮
hotel inn accommodation unterkunft pension hebergement alojamiento 旅馆 住宿 酒店
hike hiking wandern wanderung randonnee senderismo 徒步
gear equipment packing ausrustung packliste equipement equipo 装备
weather wetter meteo tiempo 天气
coffee kaffee cafe 咖啡
subscription subscribe abo abonnement suscripcion 订阅
renewal renew verlangerung renouvellement renovacion 续订
pause suspend pausieren aussetzen 暂停
packaging verpackung emballage envase 包装
email mail letter brief courriel correo 邮件
invite founding seat platz 席位
review retrospective ruckblick bilan revision 复盘 回顾 评审
quarter quartal trimestre 季度
meeting besprechung reunion 会议
interview befragung entretien entrevista 访谈 采访
survey questionnaire umfrage fragebogen sondage encuesta 问卷 调查
experiment versuch essai experimento 实验
website homepage webseite site sitio 网站
page landing seite 页面 落地
design entwurf gestaltung diseno 设计
document doc docs dokument 文档
documentation dokumentation 文档
contributor beitragende 贡献
architecture architektur 架构
protocol protokoll protocole protocolo 协议
message nachricht mensaje 消息
dependency dependencies abhangigkeit abhangigkeiten dependance dependencia 依赖
highlight highlighting hervorhebung syntaxhervorhebung 高亮
browser navigateur navegador 浏览
offline 离线
summary summarize summarise zusammenfassung zusammenfassen resume resumen 总结 摘要 归纳
translate ubersetzen traduire traducir 翻译
write schreiben ecrire escribir 写作 编写
novel roman novela 小说
story geschichte histoire historia 故事
scene szene scena escena 场景
character figur personnage personaje 人物 角色
podcast 播客
episode folge 三期
topic thema sujet tema 选题 主题
reading book buch lesen livre libro 阅读 读书
note notes notiz notizen nota 笔记
idea ideas idee ideen 想法 零散
compare comparison vergleich vergleichen comparer comparar 比较 对比
weak schwach faible debil 很弱
evidence proof beleg beweis preuve prueba 证据
analysis analyse analyzing analisis 分析
migrate migration umzug umziehen 迁移
knowledge wissen connaissance conocimiento 知识
race concurrency wettlauf nebenlaufigkeit 竞态 并发
flaky intermittent unstable instabil wackelig 偶发
conflict konflikt conflit conflicto 冲突
colour color farbe farben couleur 颜色 色
family familie famille familia 家人 家庭
lighthouse leuchtturm phare faro 灯塔
`;

const LINES: readonly (readonly string[])[] = GROUPS.trim()
  .split('\n')
  .map((line) => line.split(' '));

const MEANINGS: ReadonlyMap<string, readonly number[]> = byWord();

/** The groups that a word is of. */
export function meaningOf(word: string): readonly number[] | undefined {
  return MEANINGS.get(word) ?? MEANINGS.get(stemOf(word));
}

/** The other words for the same. */
export function wordsOfSameMeaning(word: string): string[] {
  return (meaningOf(word) ?? []).flatMap((group) => LINES[group]!.filter((other) => other !== word));
}

function byWord(): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const [group, words] of LINES.entries())
    for (const word of words) for (const name of new Set([word, stemOf(word)])) found.set(name, [...(found.get(name) ?? []), group]);
  return found;
}
